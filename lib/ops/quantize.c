/* Between F32 and the integer types. */
#include "ops/list.h"

typedef struct prepared {
    size_t elements;
    hari_dtype codes_dtype;
    hark_codes codes;
} prepared;

static int32_t check_quantize(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_F32, error);
    if (status == HAR_OK) status = hari_expect_codes(graph, node, hari_output(graph, node), error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    return hari_expect_output(graph, node, hari_output(graph, node)->dtype, x->rows, x->columns,
                              error);
}

static int32_t check_dequantize(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_U8, HARI_I16, error);
    if (status == HAR_OK)
        status = hari_expect_codes(graph, node, hari_input(graph, node, 0), error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    return hari_expect_output(graph, node, HARI_F32, x->rows, x->columns, error);
}

static prepared *prepare_codes(hari_step *step, const hari_tensor *codes, hari_pool *pool,
                               har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return NULL;
    hari_goes_by_rows(step);
    p->elements = codes->elements;
    p->codes_dtype = codes->dtype;
    p->codes = hari_codes_of(codes);
    return p;
}

static int32_t prepare_quantize(hari_step *step, const hari_graph *graph, hari_pool *pool,
                                har_error *error)
{
    prepared *p = prepare_codes(step, hari_output(graph, step->node), pool, error);
    if (!p) return HAR_ERR_MEMORY;
    step->isa = p->codes_dtype == HARI_U8 ? step->kernels->quantize_u8_isa
                                          : step->kernels->quantize_i16_isa;
    return HAR_OK;
}

static int32_t prepare_dequantize(hari_step *step, const hari_graph *graph, hari_pool *pool,
                                  har_error *error)
{
    prepared *p = prepare_codes(step, hari_input(graph, step->node, 0), pool, error);
    if (!p) return HAR_ERR_MEMORY;
    step->isa = p->codes_dtype == HARI_U8 ? step->kernels->dequantize_u8_isa
                                          : step->kernels->dequantize_i16_isa;
    return HAR_OK;
}

static void run_quantize(const hari_step *step, const void *const *inputs, void *output,
                         void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    if (p->codes_dtype == HARI_U8)
        step->kernels->quantize_u8(&p->codes, inputs[0], p->elements, output);
    else
        step->kernels->quantize_i16(&p->codes, inputs[0], p->elements, output);
}

static void run_dequantize(const hari_step *step, const void *const *inputs, void *output,
                           void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    if (p->codes_dtype == HARI_U8)
        step->kernels->dequantize_u8(&p->codes, inputs[0], p->elements, output);
    else
        step->kernels->dequantize_i16(&p->codes, inputs[0], p->elements, output);
}

const hari_op hari_quantize_op = {
    .check = check_quantize, .prepare = prepare_quantize, .run = run_quantize};
const hari_op hari_dequantize_op = {
    .check = check_dequantize, .prepare = prepare_dequantize, .run = run_dequantize};
