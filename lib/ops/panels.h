/* Packing of weights in panels, as kernels/pack.h lays them out. */
#ifndef HARI_OPS_PANELS_H
#define HARI_OPS_PANELS_H

#include "kernels/pack.h"

/* FP32: [out][kernel][in / groups] as in the file to [group][panel][kernel * inputs][HARK_PANEL],
 * column o times scales[o] (NULL: 1). */
void hari_pack_panels_f32(const hark_conv *shape, const float *source, const float *scales,
                          float *target);

/* INT8, to panels with `unit` inputs taken together (4 of U8, 2 of I16), zeros where there is no
 * weight: `target` is all zeros before. */
void hari_pack_panels_q(const hark_conv *shape, uint32_t unit, const int8_t *source,
                        int8_t *target);

/* Values of all panels of that shape. */
static inline size_t hari_panels_size_f32(const hark_conv *shape)
{
    return hark_packed_columns(shape) * shape->kernel * (shape->columns_in / shape->groups);
}

static inline size_t hari_panels_size_q(const hark_conv *shape, uint32_t unit)
{
    return (size_t)shape->groups * hark_panels(shape) * hark_panel_q(shape, unit);
}

#endif /* HARI_OPS_PANELS_H */
