/* Winograd's minimal filtering F(m, 3), one tile and one column after the other. The matrices are
 * those of body/winograd.h, written out. */
#include "kernels/pack.h"
#include "kernels/ref/math.h"

enum { MOST_POINTS = 6, MOST_ROWS = 4 };

typedef struct matrices {
    uint32_t m;
    float input[MOST_POINTS][MOST_POINTS]; /* B^T */
    float output[MOST_ROWS][MOST_POINTS];  /* A^T */
} matrices;

static const matrices F2 = {.m = 2,
                            .input = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
                            .output = {{1, 1, 1, 0}, {0, 1, -1, -1}}};
static const matrices F4 = {
    .m = 4,
    .input = {{4, 0, -5, 0, 1, 0},
              {0, -4, -4, 1, 1, 0},
              {0, 4, -4, -1, 1, 0},
              {0, -2, -1, 2, 1, 0},
              {0, 2, -1, -2, 1, 0},
              {0, 4, 0, -5, 0, 1}},
    .output = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}};

/* [point][columns_in] of one tile. */
static void transform_tile(const matrices *f, const float *x, uint32_t columns, float *points)
{
    for (uint32_t p = 0; p < f->m + 2; p++)
        for (uint32_t i = 0; i < columns; i++) {
            float sum = 0.0f;
            for (uint32_t r = 0; r < f->m + 2; r++)
                sum += f->input[p][r] * x[(size_t)r * columns + i];
            points[(size_t)p * columns + i] = sum;
        }
}

/* The m sums of one column of a tile. */
static void column_sums(const matrices *f, const hark_conv *s, const float *points,
                        const float *weights, float *sums)
{
    float products[MOST_POINTS] = {0};
    for (uint32_t p = 0; p < f->m + 2; p++)
        for (uint32_t i = 0; i < s->columns_in; i++, weights += HARK_PANEL)
            products[p] += points[(size_t)p * s->columns_in + i] * *weights;
    for (uint32_t r = 0; r < f->m; r++) {
        sums[r] = 0.0f;
        for (uint32_t p = 0; p < f->m + 2; p++) sums[r] += f->output[r][p] * products[p];
    }
}

static void winograd(const matrices *f, const hark_conv_f32 *c, const float *x, float *y,
                     float *points)
{
    const hark_conv *s = &c->shape;
    const size_t panel = (size_t)(f->m + 2) * s->columns_in * HARK_PANEL;
    const uint32_t tiles = hark_winograd_tiles(s, f->m);
    const size_t step = (size_t)(c->tile_step ? c->tile_step : f->m) * s->columns_in;
    for (uint32_t t = 0; t < tiles; t++, x += step) {
        transform_tile(f, x, s->columns_in, points);
        for (uint32_t o = 0; o < s->columns_out; o++) {
            float sums[MOST_ROWS];
            column_sums(f, s, points, c->weights + o / HARK_PANEL * panel + o % HARK_PANEL, sums);
            for (uint32_t r = 0; r < f->m; r += s->pool) {
                const uint32_t row = (t * f->m + r) / s->pool;
                if (row >= s->rows) break;
                float sum = s->pool == 2 ? hark_max_f32(sums[r], sums[r + 1]) : sums[r];
                sum = hark_max_f32(sum + c->bias[o], c->low);
                y[(size_t)row * s->columns_out + o] = hark_min_f32(sum, c->high);
            }
        }
    }
}

void hark_winograd4_f32_ref(const hark_conv_f32 *c, const float *x, float *y, float *scratch)
{
    winograd(&F4, c, x, y, scratch);
}

void hark_winograd2_f32_ref(const hark_conv_f32 *c, const float *x, float *y, float *scratch)
{
    winograd(&F2, c, x, y, scratch);
}
