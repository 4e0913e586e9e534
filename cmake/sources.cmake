# Every source of the library, folder by folder from the bottom up (lib/README.md).
set(HAR_LIB_SOURCES
  lib/base/crc32.c lib/base/error.c lib/base/memory.c
  lib/model/file.c lib/model/schema.c lib/model/utf8.c lib/model/verify.c lib/model/wire.c
  lib/graph/graph.c lib/graph/nodes.c lib/graph/tensors.c
  lib/ops/activation.c lib/ops/adaptive_pool.c lib/ops/add.c lib/ops/affine.c lib/ops/concat.c
  lib/ops/conv1d.c lib/ops/dense.c lib/ops/flatten.c lib/ops/global_pool.c lib/ops/op.c
  lib/ops/pool.c lib/ops/quantize.c lib/ops/reducer.c lib/ops/sliding.c lib/ops/softmax.c
  lib/ops/weighted.c lib/ops/weighted_check.c
  lib/plan/fuse.c lib/plan/memory.c lib/plan/plan.c
  lib/exec/native.c
  lib/decide/decide.c
  lib/signal/chain.c lib/signal/chain_build.c lib/signal/filter.c lib/signal/gravity_split.c
  lib/signal/median.c lib/signal/scale.c lib/signal/sections.c lib/signal/select.c
  lib/stream/check.c lib/stream/queue.c lib/stream/stream.c
  lib/api/build.c lib/api/info.c lib/api/open.c lib/api/preprocess.c lib/api/selftest.c
  lib/api/stream.c)

set(HAR_KERNEL_SOURCES
  kernels/dispatch.c
  kernels/ref/codes.c kernels/ref/conv_f32.c kernels/ref/conv_q.c kernels/ref/elementwise.c
  kernels/ref/rows.c kernels/ref/softmax.c)
