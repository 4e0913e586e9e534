/* Rows times the weights of gates: what a recurrent layer computes of its input and of its state.
 */
#ifndef HARI_OPS_PRODUCT_H
#define HARI_OPS_PRODUCT_H

#include "ops/op.h"

/* Which weights: gates `gate` .. gate + gates - 1 of `weight` [gates of all * units][inputs]. The
 * bias, which may be absent, is of the last of these gates: [units] or [gates * units]. The input
 * is F32, or codes with a scale. */
typedef struct hari_product_of {
    const hari_tensor *weight;
    const hari_tensor *bias;
    uint32_t units;
    uint32_t gate;
    uint32_t gates;
    hari_dtype dtype;
    float scale;
    int32_t zero_point;
} hari_product_of;

/* Gives F32, [rows][gates][wide], wide being the units filled up to a whole number of panels: the
 * columns that fill up are 0. From codes it is the exact sum times the scales. */
typedef struct hari_product {
    hari_dtype dtype;
    hark_conv_f32 f32;
    hark_conv_q q;
} hari_product;

/* Packs the weights for the kernels. Errors: HAR_ERR_MEMORY. */
int32_t hari_product_prepare(hari_product *product, const hari_product_of *of,
                             const hark_table *kernels, hari_pool *pool, har_error *error);

/* The name of the instruction set that runs it. */
const char *hari_product_isa(const hari_product *product, const hark_table *kernels);

/* `x` is [rows][inputs]; codes may be read HARK_SLACK bytes past the end. `backward` as in
 * hark_conv, for F32, whose weights do not fit the inner caches. */
void hari_product_run(const hari_product *product, const hark_table *kernels, const void *x,
                      uint32_t rows, bool backward, float *y);

/* The units filled up to a whole number of panels. */
static inline uint32_t hari_product_wide(uint32_t units)
{
    return (units + HARK_PANEL - 1) / HARK_PANEL * HARK_PANEL;
}

#endif /* HARI_OPS_PRODUCT_H */
