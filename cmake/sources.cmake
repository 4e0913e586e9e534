# Every source of the library, folder by folder from the bottom up (lib/README.md).
set(HAR_LIB_SOURCES
  lib/base/cpu.c lib/base/cpu_detect.c lib/base/crc32.c lib/base/error.c lib/base/finite.c lib/base/memory.c
  lib/model/file.c lib/model/schema.c lib/model/utf8.c lib/model/verify.c lib/model/wire.c
  lib/graph/graph.c lib/graph/nodes.c lib/graph/params.c lib/graph/tensors.c
  lib/ops/activation.c lib/ops/adaptive_pool.c lib/ops/add.c lib/ops/affine.c lib/ops/attention.c
  lib/ops/back_activation.c lib/ops/back_layer_norm.c lib/ops/back_pool.c lib/ops/back_recurrent.c lib/ops/back_softmax.c
  lib/ops/columns.c
  lib/ops/concat.c lib/ops/conv1d.c lib/ops/dense.c lib/ops/flatten.c lib/ops/global_pool.c lib/ops/layer_norm.c
  lib/ops/matmul.c lib/ops/multiply.c lib/ops/op.c lib/ops/pair.c lib/ops/panels.c lib/ops/pool.c lib/ops/product.c lib/ops/quantize.c
  lib/ops/recurrent.c lib/ops/reducer.c lib/ops/seed.c lib/ops/slice.c lib/ops/sliding.c lib/ops/softmax.c
  lib/ops/spread.c
  lib/ops/weighted.c lib/ops/weighted_again.c lib/ops/weighted_check.c lib/ops/weighted_f32.c lib/ops/weighted_q.c
  lib/plan/fuse.c lib/plan/memory.c lib/plan/plan.c lib/plan/reuse.c lib/plan/steady.c
  lib/exec/again.c lib/exec/backend.c lib/exec/division.c lib/exec/native.c lib/exec/part.c
  lib/exec/part_take.c lib/exec/part_weigh.c
  lib/decide/decide.c lib/decide/hysteresis.c lib/decide/settings.c
  lib/signal/back.c lib/signal/chain.c lib/signal/chain_build.c lib/signal/contract.c lib/signal/contract_build.c lib/signal/filter.c
  lib/signal/gravity_split.c
  lib/signal/median.c lib/signal/pace.c lib/signal/resample.c
  lib/signal/scale.c lib/signal/sections.c lib/signal/select.c lib/signal/source.c
  lib/stream/check.c lib/stream/gate.c lib/stream/merge.c lib/stream/stretch.c lib/stream/queue.c
  lib/stream/source.c lib/stream/stream.c
  lib/explain/backward.c lib/explain/builder.c lib/explain/explainer.c lib/explain/forward.c lib/explain/gradient.c
  lib/api/batch.c lib/api/build.c lib/api/counters.c lib/api/cpu.c lib/api/decision.c lib/api/explain.c lib/api/info.c lib/api/labels.c
  lib/api/open.c
  lib/api/preprocess.c lib/api/selftest.c lib/api/source.c lib/api/stream.c)

if(HAR_SYSTEM)
  list(APPEND HAR_LIB_SOURCES lib/base/system.c)
else()
  list(APPEND HAR_LIB_SOURCES lib/base/system_absent.c)
endif()

set(HAR_KERNEL_SOURCES
  kernels/dispatch.c
  kernels/ref/cells.c kernels/ref/codes.c kernels/ref/columns.c kernels/ref/conv_f32.c kernels/ref/conv_q.c
  kernels/ref/curves.c kernels/ref/elementwise.c kernels/ref/layer_norm.c kernels/ref/rows.c kernels/ref/softmax.c
  kernels/ref/winograd.c)

# Small where no time is spent: reading and planning, and references whose time is that of exp. Quick where a model is opened
# (packing, the checks of all bytes) and where samples pass.
include(CheckCCompilerFlag)
check_c_compiler_flag(-Oz HAR_COMPILER_HAS_OZ)
set(HAR_SMALL $<IF:$<BOOL:${HAR_COMPILER_HAS_OZ}>,-Oz,-Os>)
if(NOT MSVC)
  set(small_kernels "kernels/ref/(cells|curves|layer_norm|softmax|winograd)|kernels/dispatch")
  set(quick_signal "lib/signal/(chain|filter|gravity_split|median|scale|sections|select)[.]c")
  set(quick_lib "crc32|panels|weighted_f|lib/stream/check|${quick_signal}")
  set(quick ${HAR_LIB_SOURCES} ${HAR_KERNEL_SOURCES})
  list(FILTER quick INCLUDE REGEX "${quick_lib}|kernels/ref")
  list(FILTER quick EXCLUDE REGEX "${small_kernels}")
  set(small ${HAR_LIB_SOURCES} ${HAR_KERNEL_SOURCES})
  list(FILTER small INCLUDE REGEX "^lib/|${small_kernels}")
  list(FILTER small EXCLUDE REGEX "finite|${quick_lib}")
  set_property(SOURCE ${quick} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:-O2>)
  set_property(SOURCE ${small} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:${HAR_SMALL}>)
endif()

# What the instruction sets have in their folders, by the kinds of kernels/hark_list.inc.
set(HAR_WIDE_KERNELS cells codes conv_f32 depthwise elementwise rows winograd)
set(HAR_VECTOR_KERNELS ${HAR_WIDE_KERNELS} activations conv_i16 conv_u8 curves layer_norm)
set(HAR_DOT_KERNELS conv_u8)

# Levels of optimization below the build type's: where loops are written out as they should run, which -O3 makes larger and
# no quicker, and where the time is that of exp or of memory.
foreach(name codes conv_f32 conv_i16 conv_u8 depthwise rows winograd)
  set(HAR_LEVEL_${name} -O2)
endforeach()
foreach(name activations cells curves elementwise layer_norm)
  set(HAR_LEVEL_${name} ${HAR_SMALL})
endforeach()
set(HAR_VNNI_KERNELS conv_i16 conv_u8)

# Adds kernels/<isa>/<name>.c for each name. The flags are for these files alone; others find them in
# HAR_FLAGS_<isa>, and the instruction sets in HAR_KERNEL_SETS.
set(HAR_KERNEL_SETS)
function(har_add_kernels isa names flags)
  set(HAR_KERNEL_SETS ${HAR_KERNEL_SETS} ${isa} PARENT_SCOPE)
  set(HAR_FLAGS_${isa} ${flags} PARENT_SCOPE)
  foreach(name ${names})
    set(file kernels/${isa}/${name}.c)
    set(HAR_KERNEL_SOURCES ${HAR_KERNEL_SOURCES} ${file})
    set_property(SOURCE ${file} APPEND PROPERTY COMPILE_OPTIONS ${flags})
    if(HAR_LEVEL_${name} AND NOT MSVC)
      set_property(SOURCE ${file} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:${HAR_LEVEL_${name}}>)
    endif()
  endforeach()
  set(HAR_KERNEL_SOURCES ${HAR_KERNEL_SOURCES} PARENT_SCOPE)
endfunction()

# One set of objects for several processors has the references alone.
set(arch ${CMAKE_SYSTEM_PROCESSOR})
if(APPLE AND CMAKE_OSX_ARCHITECTURES)
  set(arch "${CMAKE_OSX_ARCHITECTURES}")
endif()

if(arch MATCHES "^(x86_64|AMD64|amd64)$")
  if(MSVC)
    set(avx2 /arch:AVX2)
    set(avx512 /arch:AVX512)
  else()
    set(avx2 -mavx2 -mfma)
    set(avx512 ${avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl)
    set(avxvnni ${avx2} -mavxvnni)
    set(avx512vnni ${avx512} -mavx512vnni)
  endif()
  har_add_kernels(avx2 "${HAR_VECTOR_KERNELS}" "${avx2}")
  har_add_kernels(avxvnni "${HAR_DOT_KERNELS}" "${avxvnni}")
  har_add_kernels(avx512 "${HAR_WIDE_KERNELS}" "${avx512}")
  har_add_kernels(avx512vnni "${HAR_VNNI_KERNELS}" "${avx512vnni}")
  set(HAR_KERNEL_DEFINITIONS HARK_X86)
elseif(arch MATCHES "^(aarch64|arm64|arm64_32|ARM64|arm|armhf|armv[78].*)$" AND NOT MSVC)
  include(cmake/arm.cmake)
  if(HAR_ARM_NEON)
    har_add_kernels(neon "${HAR_VECTOR_KERNELS}" "${HAR_ARM_NEON_FLAGS}")
    set(HAR_KERNEL_DEFINITIONS HARK_NEON)
    if(HAR_ARM_DOT)
      har_add_kernels(neondot "${HAR_DOT_KERNELS}" "${HAR_ARM_DOT_FLAGS}")
      list(APPEND HAR_KERNEL_DEFINITIONS HARK_NEONDOT)
    endif()
  endif()
elseif(arch STREQUAL "wasm32")
  include(CheckCSourceCompiles)
  check_c_source_compiles("
#if !defined(__wasm_simd128__)
#error no SIMD128
#endif
int main(void) { return 0; }" HAR_WASM_SIMD)
  if(HAR_WASM_SIMD)
    har_add_kernels(wasm "${HAR_VECTOR_KERNELS}" "")
    set(HAR_KERNEL_DEFINITIONS HARK_WASM)
  endif()
endif()
