/* Sizes and places of packed weights.
 *
 * Each group's output columns are cut into panels of HARK_PANEL; the last panel is filled with
 * zeros. conv_f32        [group][panel][kernel * inputs][HARK_PANEL], inputs = columns_in / groups
 *   winograd*_f32   [panel][point][columns_in][HARK_PANEL], of the transformed weights
 *   depthwise_f32   [kernel][columns]
 *   conv_u8_*       [group][panel][segment][quads][HARK_PANEL][4] I8, filled with zeros
 *   conv_i16_*      [group][panel][segment][pairs][HARK_PANEL][2] I8, filled with zeros
 *   depthwise_u8_u8 [kernel][columns] I8
 * A segment is a run of input values that lie beside each other: all that a row of output needs
 * where dilation and groups are 1, else one row's. */
#ifndef HARK_PACK_H
#define HARK_PACK_H

#include "kernels/hark.h"

static inline uint32_t hark_divide_up(uint32_t a, uint32_t b) { return a / b + (a % b != 0); }

/* Panels of one group. */
static inline uint32_t hark_panels(const hark_conv *shape)
{
    return hark_divide_up(shape->columns_out / shape->groups, HARK_PANEL);
}

/* Packed columns of all groups. */
static inline size_t hark_packed_columns(const hark_conv *shape)
{
    return (size_t)shape->groups * hark_panels(shape) * HARK_PANEL;
}

/* Where column `column` lies among the packed columns. */
static inline size_t hark_packed_column(const hark_conv *shape, uint32_t column)
{
    const uint32_t outputs = shape->columns_out / shape->groups;
    return (size_t)(column / outputs) * hark_panels(shape) * HARK_PANEL + column % outputs;
}

/* Runs of input values: how many for a row of output, how long, and how far apart. */
typedef struct hark_segments {
    uint32_t count;
    uint32_t length;
    size_t step;
} hark_segments;

static inline hark_segments hark_segments_of(const hark_conv *shape)
{
    const uint32_t inputs = shape->columns_in / shape->groups;
    if (shape->groups == 1 && shape->dilation == 1)
        return (hark_segments){1, shape->kernel * inputs, 0};
    return (hark_segments){shape->kernel, inputs, (size_t)shape->dilation * shape->columns_in};
}

/* Values of one INT8 panel, with `unit` inputs (4 of U8, 2 of I16) taken together. */
static inline size_t hark_panel_q(const hark_conv *shape, uint32_t unit)
{
    const hark_segments s = hark_segments_of(shape);
    return (size_t)s.count * hark_divide_up(s.length, unit) * unit * HARK_PANEL;
}

/* Winograd's tiles of `m` output rows: F(m, 3) takes m + 2 rows of input and as many products. */
static inline uint32_t hark_winograd_tiles(const hark_conv *shape, uint32_t m)
{
    return hark_divide_up(shape->rows * shape->pool, m);
}

static inline size_t hark_winograd_weights(const hark_conv *shape, uint32_t m)
{
    return (size_t)hark_panels(shape) * HARK_PANEL * (m + 2) * shape->columns_in;
}

static inline size_t hark_winograd_scratch(const hark_conv *shape, uint32_t m)
{
    return (size_t)hark_winograd_tiles(shape, m) * (m + 2) * shape->columns_in;
}

#endif /* HARK_PACK_H */
