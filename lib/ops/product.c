#include "ops/product.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "ops/panels.h"

/* One gate as a dense layer, and all gates. */
static hark_conv shape_of(uint32_t inputs, uint32_t columns)
{
    return (hark_conv){.rows = 1,
                       .columns_in = inputs,
                       .columns_out = columns,
                       .kernel = 1,
                       .stride = 1,
                       .dilation = 1,
                       .groups = 1,
                       .pool = 1};
}

/* Where a value of unit `unit` of gate `gate` lies in a row of the product. */
static size_t column_of(const hari_product_of *of, uint32_t gate, uint32_t unit)
{
    return (size_t)gate * hari_product_wide(of->units) + unit;
}

/* The place in the bias of a unit of a gate, or -1 where it has none. */
static int64_t bias_at(const hari_product_of *of, uint32_t gate, uint32_t unit)
{
    if (!of->bias) return -1;
    const uint32_t with_bias = (uint32_t)(of->bias->elements / of->units);
    const uint32_t first = of->gates - with_bias;
    return gate < first ? -1 : (int64_t)(gate - first) * of->units + unit;
}

static int32_t prepare_f32(hari_product *p, const hari_product_of *of, hari_pool *pool,
                           har_error *error)
{
    const uint32_t inputs = of->weight->dim[1];
    const hark_conv gate_shape = shape_of(inputs, of->units);
    const uint32_t columns = of->gates * hari_product_wide(of->units);
    const size_t gate_size = hari_panels_size_f32(&gate_shape);
    float *weights = hari_pool_alloc(pool, of->gates * gate_size, sizeof *weights);
    float *bias = hari_pool_alloc(pool, columns, sizeof *bias);
    if (!weights || !bias) return hari_fail(error, HAR_ERR_MEMORY, "weights of gates");
    const float *source = of->weight->data;
    for (uint32_t g = 0; g < of->gates; g++) {
        const size_t from = (size_t)(of->gate + g) * of->units * inputs;
        hari_pack_panels_f32(&gate_shape, source + from, NULL, weights + g * gate_size);
        for (uint32_t u = 0; u < of->units; u++) {
            const int64_t at = bias_at(of, g, u);
            if (at >= 0) bias[column_of(of, g, u)] = ((const float *)of->bias->data)[at];
        }
    }
    p->f32 = (hark_conv_f32){shape_of(inputs, columns), weights, bias, -INFINITY, INFINITY, 0, 0};
    return HAR_OK;
}

/* Bias, multiplier and sum of the weights of one column. */
typedef struct columns_q {
    int32_t *bias;
    float *multipliers;
    int32_t *sums;
} columns_q;

static void fill_column(const hari_product_of *of, uint32_t gate, uint32_t unit, columns_q c)
{
    const uint32_t inputs = of->weight->dim[1];
    const size_t row = (size_t)(of->gate + gate) * of->units + unit;
    const int8_t *w = (const int8_t *)of->weight->data + row * inputs;
    const size_t column = column_of(of, gate, unit);
    const int64_t at = bias_at(of, gate, unit);
    c.bias[column] = at < 0 ? 0 : ((const int32_t *)of->bias->data)[at];
    c.multipliers[column] = of->scale * of->weight->scales[of->weight->scale_count == 1 ? 0 : row];
    for (uint32_t i = 0; i < inputs; i++) c.sums[column] += w[i];
}

/* The weights as the reference takes them, with rows of zeros where a gate is filled up; or, for
 * all other kernels, panels. */
static void place_weights(const hari_product_of *of, uint32_t unit_of_input, bool is_panels,
                          int8_t *target)
{
    const uint32_t inputs = of->weight->dim[1];
    const hark_conv gate_shape = shape_of(inputs, of->units);
    const size_t gate_bytes = (size_t)of->units * inputs;
    const int8_t *source = (const int8_t *)of->weight->data + of->gate * gate_bytes;
    for (uint32_t g = 0; g < of->gates; g++, source += gate_bytes) {
        if (is_panels) {
            hari_pack_panels_q(&gate_shape, unit_of_input, source, target);
            target += hari_panels_size_q(&gate_shape, unit_of_input);
        } else {
            memcpy(target, source, gate_bytes);
            target += (size_t)hari_product_wide(of->units) * inputs;
        }
    }
}

static int32_t prepare_q(hari_product *p, const hari_product_of *of, bool is_panels,
                         hari_pool *pool, har_error *error)
{
    const uint32_t inputs = of->weight->dim[1];
    const uint32_t unit_of_input = of->dtype == HARI_U8 ? 4 : 2;
    const uint32_t columns = of->gates * hari_product_wide(of->units);
    const hark_conv shape = shape_of(inputs, columns);
    int8_t *weights = hari_pool_alloc(pool, hari_panels_size_q(&shape, unit_of_input), 1);
    const columns_q c = {hari_pool_alloc(pool, columns, sizeof *c.bias),
                         hari_pool_alloc(pool, columns, sizeof *c.multipliers),
                         hari_pool_alloc(pool, columns, sizeof *c.sums)};
    if (!weights || !c.bias || !c.multipliers || !c.sums)
        return hari_fail(error, HAR_ERR_MEMORY, "weights of gates");
    place_weights(of, unit_of_input, is_panels, weights);
    for (uint32_t g = 0; g < of->gates; g++)
        for (uint32_t u = 0; u < of->units; u++) fill_column(of, g, u, c);
    p->q = (hark_conv_q){.shape = shape,
                         .weights = weights,
                         .panels = weights,
                         .bias = c.bias,
                         .multipliers = c.multipliers,
                         .sums = c.sums,
                         .zero_in = of->zero_point};
    return HAR_OK;
}

int32_t hari_product_prepare(hari_product *product, const hari_product_of *of,
                             const hark_table *kernels, hari_pool *pool, har_error *error)
{
    *product = (hari_product){.dtype = of->dtype};
    if (of->dtype == HARI_F32) return prepare_f32(product, of, pool, error);
    const bool is_panels = of->dtype == HARI_U8 ? kernels->conv_u8_f32 != hark_conv_u8_f32_ref
                                                : kernels->conv_i16_f32 != hark_conv_i16_f32_ref;
    return prepare_q(product, of, is_panels, pool, error);
}

const char *hari_product_isa(const hari_product *product, const hark_table *kernels)
{
    if (product->dtype == HARI_F32) return kernels->conv_f32_isa;
    return product->dtype == HARI_U8 ? kernels->conv_u8_f32_isa : kernels->conv_i16_f32_isa;
}

void hari_product_run(const hari_product *product, const hark_table *kernels, const void *x,
                      uint32_t rows, bool backward, float *y)
{
    if (product->dtype == HARI_F32) {
        hark_conv_f32 conv = product->f32;
        conv.shape.rows = rows;
        conv.backward = backward;
        kernels->conv_f32(&conv, x, y);
        return;
    }
    const hark_conv_q *conv = &product->q;
    hark_conv_q several;
    if (rows != 1) { /* a step, which is one row, does without the copy */
        several = product->q;
        several.shape.rows = rows;
        conv = &several;
    }
    if (product->dtype == HARI_U8)
        kernels->conv_u8_f32(conv, x, y);
    else
        kernels->conv_i16_f32(conv, x, y);
}
