/* Convolution and dense layers where only the ends of the rows are computed.
 *
 * The inputs that each row (each tile of Winograd's) needs are copied one after the other, those of
 * the head before those of the tail, and padding where there is padding; the kernel then walks them
 * as a convolution whose rows do not overlap. So the weights, which are what few rows wait for, are
 * read once, and the copy is one value for each column of weights.
 */
#include <string.h>

#include "ops/weighted.h"

/* Weights that the inner caches hold are read twice in the time of a copy. */
enum { FEW_BYTES = 100000 };

/* The gathered inputs: of unit `u`, row `k` lies at u * unit_step + k * row_step. */
typedef struct gather {
    uint32_t units;
    uint32_t rows; /* of a unit */
    uint32_t unit_step;
    uint32_t row_step;
} gather;

/* INT8 panels are laid out otherwise where there is dilation, so it must stay: then the first rows
 * of all units come first. */
static gather gather_of(const hari_step *step, uint32_t rows)
{
    const hari_weighted *p = step->prepared;
    const uint32_t unit = step->reach.unit;
    const uint32_t products = rows * p->conv->pool;
    gather g = {.units = products / unit + (products % unit != 0),
                .rows = p->conv->kernel + unit - 1,
                .row_step = 1};
    g.unit_step = g.rows;
    if (p->conv->dilation == 1) return g;
    g.unit_step = 1;
    g.row_step = g.units; /* never 1: plan/reuse.c */
    return g;
}

static size_t align(size_t bytes)
{
    return (bytes + HARI_ALIGNMENT - 1) / HARI_ALIGNMENT * HARI_ALIGNMENT;
}

static size_t gathered_bytes(const hari_step *step, const gather *g)
{
    const hari_weighted *p = step->prepared;
    const size_t last = (size_t)(g->units - 1) * g->unit_step + (size_t)(g->rows - 1) * g->row_step;
    return align((last + 1) * p->row_bytes + HARK_SLACK);
}

size_t hari_weighted_again_bytes(const hari_step *step)
{
    const hari_weighted *p = step->prepared;
    const gather g = gather_of(step, p->conv->rows);
    return align(step->scratch_bytes) + gathered_bytes(step, &g) + p->row_bytes_out * p->conv->rows;
}

/* `count` rows of the input from row `first` on, padding before and after it. */
static void copy_rows(const hari_step *step, const unsigned char *input, int64_t first,
                      int64_t count, unsigned char *to)
{
    const hari_weighted *p = step->prepared;
    const int64_t rows = p->rows_in;
    if (first >= 0 && first + count <= rows) { /* by far the most */
        memcpy(to, input + (size_t)first * p->row_bytes, (size_t)count * p->row_bytes);
        return;
    }
    const int64_t padding = first >= 0 ? 0 : -first < count ? -first : count; /* before it */
    const int64_t begin = first + padding;
    const int64_t left = rows > begin ? rows - begin : 0;
    const int64_t there = left < count - padding ? left : count - padding;
    const size_t before = (size_t)padding * p->row_bytes;
    const size_t bytes = (size_t)there * p->row_bytes;
    memset(to, step->halo.value, before);
    if (bytes > 0) memcpy(to + before, input + (size_t)begin * p->row_bytes, bytes);
    memset(to + before + bytes, step->halo.value, (size_t)count * p->row_bytes - before - bytes);
}

/* Unit `unit` of the step as unit `u` of those gathered. */
static void copy_unit(const hari_step *step, const gather *g, const void *input, uint32_t unit,
                      uint32_t u, unsigned char *gathered)
{
    const hari_weighted *p = step->prepared;
    const hari_reach *reach = &step->reach;
    const int64_t first = (int64_t)unit * reach->unit * reach->stride - reach->pad;
    unsigned char *to = gathered + (size_t)u * g->unit_step * p->row_bytes;
    if (g->row_step == 1) {
        copy_rows(step, input, first, g->rows, to);
        return;
    }
    for (uint32_t k = 0; k < g->rows; k++, to += g->row_step * p->row_bytes)
        copy_rows(step, input, first + (int64_t)k * p->conv->dilation, 1, to);
}

/* What is prepared, for some of the rows. */
typedef union part {
    hark_conv shape;
    hark_conv_f32 f32;
    hark_conv_q q;
} part;

static void take_part(const hari_weighted *p, uint32_t rows, part *conv)
{
    memcpy(conv, p->conv, p->conv_bytes);
    conv->shape.rows = rows;
}

/* Rows `from` .. `end` - 1 where they lie. Of one row its neighbour is computed, too. */
static void run_in_place(const hari_step *step, const hari_again *again, uint32_t from,
                         uint32_t end)
{
    const hari_weighted *p = step->prepared;
    if (from == end) return;
    if (end - from == 1 && p->tile == 0) {
        if (end < p->conv->rows)
            end++;
        else if (from > 0)
            from--;
    }
    part conv;
    take_part(p, end - from, &conv);
    const size_t row_in = (size_t)from * p->conv->pool * p->conv->stride;
    p->run(step, &conv,
           (const unsigned char *)again->inputs[0] - p->pad_bytes + row_in * p->row_bytes,
           (unsigned char *)again->output + from * p->row_bytes_out, again->scratch);
}

void hari_weighted_run_again(const hari_step *step, const hari_again *again)
{
    const hari_weighted *p = step->prepared;
    const hari_ends ends = again->ends;
    if (step->weight_bytes <= FEW_BYTES) {
        run_in_place(step, again, 0, ends.head);
        run_in_place(step, again, ends.tail, p->conv->rows);
        return;
    }
    const uint32_t unit = step->reach.unit;
    const uint32_t head_units = ends.head * p->conv->pool / unit;
    const uint32_t tail_unit = ends.tail * p->conv->pool / unit;
    part conv;
    take_part(p, ends.head + p->conv->rows - ends.tail, &conv);
    const gather g = gather_of(step, conv.shape.rows);
    if (p->tile == 0)
        conv.shape.stride = g.unit_step;
    else
        conv.f32.tile_step = g.unit_step;
    conv.shape.dilation = g.row_step;
    unsigned char *gathered = (unsigned char *)again->scratch + align(step->scratch_bytes);
    unsigned char *result = gathered + gathered_bytes(step, &g);
    for (uint32_t u = 0; u < g.units; u++) {
        const uint32_t from = u < head_units ? u : tail_unit + u - head_units;
        copy_unit(step, &g, again->inputs[0], from, u, gathered);
    }
    p->run(step, &conv, gathered, result, again->scratch);
    unsigned char *output = again->output;
    memcpy(output, result, ends.head * p->row_bytes_out);
    memcpy(output + ends.tail * p->row_bytes_out, result + ends.head * p->row_bytes_out,
           (p->conv->rows - ends.tail) * p->row_bytes_out);
}
