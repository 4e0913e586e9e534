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
    const uint32_t products = rows * p->shape.pool;
    gather g = {.units = products / unit + (products % unit != 0),
                .rows = p->shape.kernel + unit - 1,
                .row_step = 1};
    g.unit_step = g.rows;
    if (p->shape.dilation == 1) return g;
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
    const gather g = gather_of(step, p->shape.rows);
    return align(step->scratch_bytes) + gathered_bytes(step, &g) + p->row_bytes_out * p->shape.rows;
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
        copy_rows(step, input, first + (int64_t)k * p->shape.dilation, 1, to);
}

/* Rows `from` .. `end` - 1 where they lie. Of one row its neighbour is computed, too. */
static void run_in_place(const hari_step *step, const hari_again *again, uint32_t from,
                         uint32_t end)
{
    const hari_weighted *p = step->prepared;
    if (from == end) return;
    if (end - from == 1 && p->tile == 0) {
        if (end < p->shape.rows)
            end++;
        else if (from > 0)
            from--;
    }
    hari_weighted_part part = {.shape = p->shape};
    part.shape.rows = end - from;
    const size_t row_in = (size_t)from * p->shape.pool * p->shape.stride;
    p->run(step, &part,
           (const unsigned char *)again->inputs[0] - p->pad_bytes + row_in * p->row_bytes,
           (unsigned char *)again->output + from * p->row_bytes_out, again->scratch);
}

void hari_weighted_run_again(const hari_step *step, const hari_again *again)
{
    const hari_weighted *p = step->prepared;
    const hari_ends ends = again->ends;
    if (step->weight_bytes <= FEW_BYTES) {
        run_in_place(step, again, 0, ends.head);
        run_in_place(step, again, ends.tail, p->shape.rows);
        return;
    }
    const uint32_t unit = step->reach.unit;
    const uint32_t head_units = ends.head * p->shape.pool / unit;
    const uint32_t tail_unit = ends.tail * p->shape.pool / unit;
    hari_weighted_part part = {.shape = p->shape};
    part.shape.rows = ends.head + p->shape.rows - ends.tail;
    const gather g = gather_of(step, part.shape.rows);
    if (p->tile == 0) part.shape.stride = g.unit_step;
    part.tile_step = p->tile + 2;
    part.shape.dilation = g.row_step;
    unsigned char *gathered = (unsigned char *)again->scratch + align(step->scratch_bytes);
    unsigned char *result = gathered + gathered_bytes(step, &g);
    for (uint32_t u = 0; u < g.units; u++) {
        const uint32_t from = u < head_units ? u : tail_unit + u - head_units;
        copy_unit(step, &g, again->inputs[0], from, u, gathered);
    }
    p->run(step, &part, gathered, result, again->scratch);
    unsigned char *output = again->output;
    memcpy(output, result, ends.head * p->row_bytes_out);
    memcpy(output + ends.tail * p->row_bytes_out, result + ends.head * p->row_bytes_out,
           (p->shape.rows - ends.tail) * p->row_bytes_out);
}
