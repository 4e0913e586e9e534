/* FP32 weights: which kernel, and the packing for it. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "kernels/pack.h"
#include "ops/panels.h"
#include "ops/weighted.h"

typedef struct prepared {
    hari_weighted head;
    hark_conv_f32 conv;
} prepared;

/* Weights as in the file, the factor that an affine puts on each column, and where to pack them. */
typedef struct packing {
    const hark_conv *shape;
    const float *source; /* [out][kernel][in / groups] */
    const float *scales; /* NULL: all 1 */
    float *target;
} packing;

static float weight_at(const packing *p, uint32_t column, size_t index)
{
    const size_t values = (size_t)p->shape->kernel * (p->shape->columns_in / p->shape->groups);
    const float w = p->source[column * values + index];
    return p->scales ? w * p->scales[column] : w;
}

/* [kernel][columns] */
static void pack_depthwise(const packing *p)
{
    const hark_conv *s = p->shape;
    for (uint32_t k = 0; k < s->kernel; k++)
        for (uint32_t o = 0; o < s->columns_out; o++)
            p->target[(size_t)k * s->columns_out + o] = weight_at(p, o, k);
}

/* G g for the three taps of HARK_PANEL columns, of F(4, 3) and of F(2, 3) of body/winograd.h. */
static void transform_taps_4(float (*restrict taps)[HARK_PANEL],
                             float (*restrict points)[HARK_PANEL])
{
    for (uint32_t o = 0; o < HARK_PANEL; o++) {
        const float outer = taps[0][o] + taps[2][o];
        const float even = taps[0][o] + 4.0f * taps[2][o];
        points[0][o] = 0.25f * taps[0][o];
        points[1][o] = (outer + taps[1][o]) * (-1.0f / 6.0f);
        points[2][o] = (outer - taps[1][o]) * (-1.0f / 6.0f);
        points[3][o] = (even + 2.0f * taps[1][o]) * (1.0f / 24.0f);
        points[4][o] = (even - 2.0f * taps[1][o]) * (1.0f / 24.0f);
        points[5][o] = taps[2][o];
    }
}

static void transform_taps_2(float (*restrict taps)[HARK_PANEL],
                             float (*restrict points)[HARK_PANEL])
{
    for (uint32_t o = 0; o < HARK_PANEL; o++) {
        const float outer = taps[0][o] + taps[2][o];
        points[0][o] = taps[0][o];
        points[1][o] = (outer + taps[1][o]) * 0.5f;
        points[2][o] = (outer - taps[1][o]) * 0.5f;
        points[3][o] = taps[2][o];
    }
}

/* The three taps of `count` columns from `first` on, for one input. */
static void take_taps(const packing *p, uint32_t first, uint32_t count, uint32_t input,
                      float taps[3][HARK_PANEL])
{
    const size_t inputs = p->shape->columns_in;
    const float *source = p->source + first * 3 * inputs + input;
    for (uint32_t o = 0; o < count; o++, source += 3 * inputs) {
        const float scale = p->scales ? p->scales[first + o] : 1.0f;
        for (uint32_t k = 0; k < 3; k++) taps[k][o] = source[k * inputs] * scale;
    }
}

/* [panel][point][columns_in][HARK_PANEL] */
static void pack_winograd(const packing *p, uint32_t m)
{
    const uint32_t inputs = p->shape->columns_in;
    const size_t step = (size_t)inputs * HARK_PANEL;
    float taps[3][HARK_PANEL] = {{0}};
    float points[6][HARK_PANEL];
    for (uint32_t first = 0; first < p->shape->columns_out; first += HARK_PANEL) {
        const uint32_t left = p->shape->columns_out - first;
        const uint32_t count = left < HARK_PANEL ? left : HARK_PANEL;
        float *panel = p->target + (size_t)first * (m + 2) * inputs;
        if (count < HARK_PANEL) memset(taps, 0, sizeof taps);
        for (uint32_t i = 0; i < inputs; i++) {
            take_taps(p, first, count, i, taps);
            if (m == 4)
                transform_taps_4(taps, points);
            else
                transform_taps_2(taps, points);
            for (uint32_t k = 0; k < m + 2; k++)
                memcpy(panel + k * step + (size_t)i * HARK_PANEL, points[k], sizeof points[k]);
        }
    }
}

static void run_conv(const hari_step *step, const void *conv, const void *x, void *y, void *scratch)
{
    (void)scratch;
    step->kernels->conv_f32(conv, x, y);
}

static void run_depthwise(const hari_step *step, const void *conv, const void *x, void *y,
                          void *scratch)
{
    (void)scratch;
    step->kernels->depthwise_f32(conv, x, y);
}

static void run_winograd4(const hari_step *step, const void *conv, const void *x, void *y,
                          void *scratch)
{
    step->kernels->winograd4_f32(conv, x, y, scratch);
}

static void run_winograd2(const hari_step *step, const void *conv, const void *x, void *y,
                          void *scratch)
{
    step->kernels->winograd2_f32(conv, x, y, scratch);
}

static bool can_winograd(const hark_conv *s)
{
    return s->kernel == 3 && s->stride == 1 && s->dilation == 1 && s->groups == 1;
}

/* Products of F(m, 3) for each of a direct convolution, tiles that are not full included. */
static double product_share(const hark_conv *s, uint32_t m)
{
    const double products = (double)hark_winograd_tiles(s, m) * (m + 2);
    return products / ((double)s->rows * s->pool * 3);
}

/* 0 for direct, else the m of F(m, 3). Measured with checkkern --time (docs/design/kernels.md):
 * from 8 columns on the products saved pay for the transforms, unless tiles that are not full eat
 * them up. Below 24 rows F(4,3) is no faster than F(2,3), because weights come from the outer
 * caches, and with cold ones it is slower: it has 2 times the direct weights, F(2,3) 1.33 times. */
static uint32_t choose_tile(const hari_step *step, const hark_conv *s, uint32_t largest)
{
    const uint32_t least_columns = 8;
    const uint32_t least_rows = 4;
    const uint32_t rows_for_4 = 24;
    const double largest_share = 0.75;
    if (!can_winograd(s) || step->kernels->winograd4_f32 == hark_winograd4_f32_ref) return 0;
    if (s->columns_in < least_columns || s->columns_out < least_columns) return 0;
    if (s->rows * s->pool < least_rows) return 0;
    const bool is_long = s->rows * s->pool >= rows_for_4;
    if (largest >= 4 && is_long && product_share(s, 4) <= largest_share) return 4;
    return largest >= 2 && product_share(s, 2) <= largest_share ? 2 : 0;
}

uint32_t hari_weighted_tile(const hari_step *step, uint32_t largest)
{
    const hari_weighted *p = step->prepared;
    return p->tile == 0 ? 0 : choose_tile(step, p->conv, largest);
}

/* Chooses the kernel: fills in `run`, `isa`, `reason` and the room it needs; tells the number of
 * packed weights and of rows read. */
static size_t choose(hari_step *step, const hark_conv *s, prepared *p, uint64_t *rows_read)
{
    const hark_table *k = step->kernels;
    const uint32_t tile = choose_tile(step, s, step->largest_tile);
    p->head.tile = tile;
    step->scratch_bytes = 0;
    if (hari_is_depthwise(s)) {
        p->head.run = run_depthwise;
        step->isa = k->depthwise_f32_isa;
        snprintf(step->reason, sizeof step->reason, "depthwise");
        return (size_t)s->kernel * s->columns_out;
    }
    if (tile == 0) {
        p->head.run = run_conv;
        step->isa = k->conv_f32_isa;
        snprintf(step->reason, sizeof step->reason, "direct%s",
                 !can_winograd(s)                          ? ""
                 : step->largest_tile == HARI_LARGEST_TILE ? ": too small for Winograd"
                                                           : ": what overlaps is kept");
        return hari_panels_size_f32(s);
    }
    p->head.run = tile == 4 ? run_winograd4 : run_winograd2;
    step->isa = tile == 4 ? k->winograd4_f32_isa : k->winograd2_f32_isa;
    step->scratch_bytes = hark_winograd_scratch(s, tile) * sizeof(float);
    *rows_read = (uint64_t)hark_winograd_tiles(s, tile) * tile + 2;
    snprintf(step->reason, sizeof step->reason, "Winograd F(%u,3): %.2f of the products", tile,
             product_share(s, tile));
    return hark_winograd_weights(s, tile);
}

static const float *affine_values(const hari_step *step, const hari_graph *graph, uint32_t position)
{
    return step->fused.affine ? hari_input(graph, step->fused.affine, position)->data : NULL;
}

/* b * scale + offset in binary64, rounded once. */
static void fill_bias(const hari_step *step, const hari_graph *graph, const hark_conv *s,
                      float *bias)
{
    const float *source =
        step->node->input_count > 2 ? hari_input(graph, step->node, 2)->data : NULL;
    const float *scales = affine_values(step, graph, 1);
    const float *offsets = affine_values(step, graph, 2);
    for (uint32_t o = 0; o < s->columns_out; o++) {
        double value = source ? source[o] : 0.0;
        if (scales) value = value * scales[o] + offsets[o];
        bias[hari_is_depthwise(s) ? o : hark_packed_column(s, o)] = (float)value;
    }
}

int32_t hari_weighted_prepare_f32(hari_step *step, const hari_graph *graph, const hark_conv *shape,
                                  uint64_t *rows_read, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const size_t count = choose(step, shape, p, rows_read);
    const uint32_t tile = p->head.tile;
    float *weights = hari_pool_alloc_unset(pool, count, sizeof *weights);
    float *bias = hari_pool_alloc(pool, hark_packed_columns(shape), sizeof *bias);
    if (!weights || !bias)
        return hari_fail(error, HAR_ERR_MEMORY, "%s weights", hari_op_name(step->node->kind));
    const packing weights_of = {shape, hari_input(graph, step->node, 1)->data,
                                affine_values(step, graph, 1), weights};
    if (tile != 0)
        pack_winograd(&weights_of, tile);
    else if (hari_is_depthwise(shape))
        pack_depthwise(&weights_of);
    else
        hari_pack_panels_f32(shape, weights_of.source, weights_of.scales, weights);
    fill_bias(step, graph, shape, bias);
    const hari_bounds bounds =
        hari_activation_bounds(step->fused.activation, hari_output(graph, step->node));
    p->conv = (hark_conv_f32){*shape, weights, bias, bounds.low, bounds.high, 0, 0};
    p->head.conv = &p->conv.shape;
    p->head.conv_bytes = sizeof p->conv;
    return HAR_OK;
}
