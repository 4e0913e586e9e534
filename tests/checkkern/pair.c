/* Rounds of the kernels in which two matrices meet, in every way that they can. */
#include <math.h>

#include "checkkern.h"

/* A shape, and the values that a and b have in it. */
typedef struct meeting {
    hark_pair pair;
    size_t n, a, b;
} meeting;

static meeting some_meeting(checker *c)
{
    meeting m = {.pair = {.rows = random_range(&c->random, 1, 6), .columns = some_length(c)}};
    hark_pair *p = &m.pair;
    const bool is_a_row = random_range(&c->random, 0, 3) == 0;
    const bool is_b_row = random_range(&c->random, 0, 2) == 0;
    p->b_is_column = random_range(&c->random, 0, 2) == 0;
    const uint32_t b_columns = p->b_is_column ? 1 : p->columns;
    p->a_step = is_a_row ? 0 : p->columns;
    p->b_step = is_b_row ? 0 : b_columns;
    m.n = (size_t)p->rows * p->columns;
    m.a = is_a_row ? p->columns : m.n;
    m.b = is_b_row ? b_columns : (size_t)p->rows * b_columns;
    return m;
}

/* The result may lie where an input of its size does. */
static void *some_place(checker *c, const meeting *m, void *a, void *b, size_t element)
{
    const uint32_t kind = random_range(&c->random, 0, 2);
    if (kind == 1 && m->a == m->n) return a;
    if (kind == 2 && m->b == m->n) return b;
    return take(c, m->n * element, element);
}

static void check_f32(checker *c, hark_add_f32_fn *kernel, hark_add_f32_fn *reference)
{
    const meeting m = some_meeting(c);
    float low;
    float high;
    some_bounds(c, &low, &high);
    float *a = take_wild_f32(c, m.a);
    float *b = take_wild_f32(c, m.b);
    float *wanted = take_room_f32(c, m.n);
    reference(&m.pair, a, b, low, high, wanted);
    float *y = some_place(c, &m, a, b, sizeof *y);
    kernel(&m.pair, a, b, low, high, y);
    expect_same_f32(c, y, wanted, m.n);
}

void check_add_f32(checker *c) { check_f32(c, c->table->add_f32, hark_add_f32_ref); }

void check_multiply_f32(checker *c) { check_f32(c, c->table->multiply_f32, hark_multiply_f32_ref); }

static float some_scale(checker *c) { return (float)fabs(random_unit(&c->random)) * 2.0f + 1e-4f; }

static int32_t some_zero(checker *c) { return (int32_t)random_range(&c->random, 0, 255); }

void check_add_u8(checker *c)
{
    const meeting m = some_meeting(c);
    hark_add_q q = {.zero_a = some_zero(c),
                    .zero_b = some_zero(c),
                    .zero_out = some_zero(c),
                    .scale_a = some_scale(c),
                    .scale_b = some_scale(c)};
    some_code_bounds(c, &q.low, &q.high);
    uint8_t *a = take_u8(c, m.a);
    uint8_t *b = take_u8(c, m.b);
    uint8_t *wanted = take(c, m.n, 1);
    hark_add_u8_ref(&q, &m.pair, a, b, wanted);
    uint8_t *y = some_place(c, &m, a, b, 1);
    c->table->add_u8(&q, &m.pair, a, b, y);
    expect_same_u8(c, y, wanted, m.n);
}

void check_multiply_u8(checker *c)
{
    const meeting m = some_meeting(c);
    hark_multiply_q q = {.zero_a = some_zero(c),
                         .zero_b = some_zero(c),
                         .zero_out = some_zero(c),
                         .multiplier = some_scale(c) * 0.02f};
    some_code_bounds(c, &q.low, &q.high);
    uint8_t *a = take_u8(c, m.a);
    uint8_t *b = take_u8(c, m.b);
    uint8_t *wanted = take(c, m.n, 1);
    hark_multiply_u8_ref(&q, &m.pair, a, b, wanted);
    uint8_t *y = some_place(c, &m, a, b, 1);
    c->table->multiply_u8(&q, &m.pair, a, b, y);
    expect_same_u8(c, y, wanted, m.n);
}
