/* How fast the kernels of one instruction set are: convolutions as a share of the peak of
 * multiply-accumulates, everything else as a share of the speed of memcpy on as many bytes. Sizes
 * are those of the networks in models/; all data lies in the caches. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkkern.h"
#include "peak/peak.h"

enum { TRIES = 30, NAME = 48, ROOM = 1 << 23, VALUES = 4096, COLUMNS = 64 };

/* Blocks large enough for any call here. */
typedef struct blocks {
    float *x, *w, *y, *scratch;
} blocks;

typedef struct timer {
    const hark_table *table;
    const char *isa;
    double f32; /* peaks: multiply-accumulates a second */
    double int8;
    double copy; /* bytes a second */
    blocks b;
} timer;

typedef struct call {
    const timer *t;
    const hark_conv_f32 *f32;
    const hark_conv_q *q;
} call;

/* Seconds of one call: the least of some tries of as many calls as take a while. */
static double seconds_of(void (*run)(const call *c), const call *c)
{
    uint32_t calls = 1;
    double best = INFINITY;
    for (int i = 0; i < TRIES; i++) {
        const uint64_t start = peak_clock();
        for (uint32_t k = 0; k < calls; k++) run(c);
        const double seconds = (double)(peak_clock() - start) * 1e-9;
        if (seconds < 1e-4) {
            calls *= 2;
            i--;
            continue;
        }
        if (seconds / calls < best) best = seconds / calls;
    }
    return best;
}

static void print_line(const timer *t, const char *kernel, const char *shape, double seconds,
                       double work, double peak, const char *unit)
{
    if (peak > 0)
        printf("  %-11s %-16s %-20s %9.2f us  %7.1f G%s/s  %5.1f %%\n", t->isa, kernel, shape,
               seconds * 1e6, work / seconds * 1e-9, unit, 100.0 * work / seconds / peak);
}

#define RUN_F32(name) \
    static void run_##name(const call *c) { c->t->table->name(c->f32, c->t->b.x, c->t->b.y); }
#define RUN_WINOGRAD(name)                                                \
    static void run_##name(const call *c)                                 \
    {                                                                     \
        c->t->table->name(c->f32, c->t->b.x, c->t->b.y, c->t->b.scratch); \
    }
#define RUN_Q(name)                                                          \
    static void run_##name(const call *c)                                    \
    {                                                                        \
        c->t->table->name(c->q, (const void *)c->t->b.x, (void *)c->t->b.y); \
    }

RUN_F32(conv_f32)
RUN_F32(depthwise_f32)
RUN_WINOGRAD(winograd4_f32)
RUN_WINOGRAD(winograd2_f32)
RUN_Q(conv_u8_u8)
RUN_Q(conv_u8_f32)
RUN_Q(conv_i16_u8)
RUN_Q(conv_i16_f32)
RUN_Q(depthwise_u8_u8)

/* The layers of the CNN with pools, of the one without, of the ResNet-like ones, and of the MLP. */
static const hark_conv SHAPES[] = {
    {64, 9, 64, 3, 1, 1, 1, 2},    {32, 64, 128, 3, 1, 1, 1, 2},  {16, 128, 256, 3, 1, 1, 1, 2},
    {16, 256, 512, 3, 1, 1, 1, 1}, {128, 64, 128, 3, 1, 1, 1, 1}, {128, 256, 512, 3, 1, 1, 1, 1},
    {128, 32, 32, 3, 1, 1, 1, 1},  {15, 32, 32, 3, 1, 1, 1, 1},   {15, 113, 32, 1, 1, 1, 1, 1},
    {1, 1152, 128, 1, 1, 1, 1, 1}, {1, 128, 64, 1, 1, 1, 1, 1},
};
static const hark_conv DEPTHWISE = {128, 64, 64, 3, 1, 1, 64, 1};

static double macs_of(const hark_conv *s)
{
    return (double)s->rows * s->pool * s->columns_out * s->kernel * (s->columns_in / s->groups);
}

/* Times a convolution where the instruction set has one of its own. */
#define TIME(name, shape, peak)                           \
    do {                                                  \
        if (strcmp(t->table->name##_isa, t->isa) == 0)    \
            time_conv(t, #name, run_##name, shape, peak); \
    } while (0)

static void time_conv(const timer *t, const char *kernel, void (*run)(const call *c),
                      const hark_conv *s, double peak)
{
    const hark_conv_f32 f32 = {*s, t->b.w, t->b.w, -INFINITY, INFINITY, 0, 0};
    const hark_conv_q q = {.shape = *s,
                           .weights = (const void *)t->b.w,
                           .panels = t->b.w,
                           .bias = (const void *)t->b.w,
                           .multipliers = t->b.w,
                           .sums = (const void *)t->b.w,
                           .high = 255};
    char shape[NAME];
    snprintf(shape, sizeof shape, "%ux%u->%u k%u%s", (unsigned)(s->rows * s->pool),
             (unsigned)s->columns_in, (unsigned)s->columns_out, (unsigned)s->kernel,
             s->pool == 2 ? " pool" : "");
    print_line(t, kernel, shape, seconds_of(run, &(call){t, &f32, &q}), macs_of(s), peak, "MAC");
}

/* Kernels with three taps as Winograd's, too: their share is of the products of the direct one. */
static void time_convs(const timer *t)
{
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        TIME(conv_f32, &SHAPES[i], t->f32);
        if (SHAPES[i].kernel != 3) continue;
        TIME(winograd4_f32, &SHAPES[i], t->f32);
        TIME(winograd2_f32, &SHAPES[i], t->f32);
    }
    TIME(depthwise_f32, &DEPTHWISE, t->f32);
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++)
        TIME(conv_u8_u8, &SHAPES[i], t->int8);
    TIME(conv_u8_f32, &SHAPES[10], t->int8);
    TIME(conv_i16_u8, &SHAPES[0], t->int8);
    TIME(conv_i16_f32, &SHAPES[0], t->int8);
    TIME(depthwise_u8_u8, &DEPTHWISE, t->int8);
}

/* run_<name>: VALUES values from x to y by one of the simple kernels. */
#define RUN(name, ...)                    \
    static void run_##name(const call *c) \
    {                                     \
        const blocks *b = &c->t->b;       \
        c->t->table->name(__VA_ARGS__);   \
    }
#define X8 ((const uint8_t *)b->x)
#define Y8 ((uint8_t *)b->y)

static const hark_codes CODES = {0.05f, 20.0f, 128, 0, 255};
static const hark_add_q ADD = {0, 0, 0, 0.5f, 0.5f, 0, 255};
static const hark_multiply_q MULTIPLY = {0, 0, 0, 0.01f, 0, 255};
static const hark_pair FLAT = {1, VALUES, 0, 0, false};
static const hark_pair GATE = {VALUES / COLUMNS, COLUMNS, COLUMNS, 1, true};

RUN(max_rows_f32, b->x, VALUES / COLUMNS, COLUMNS, b->y)
RUN(max_rows_u8, X8, VALUES / COLUMNS, COLUMNS, Y8)
RUN(mean_rows_f32, b->x, VALUES / COLUMNS, COLUMNS, 64.0f, b->y)
RUN(mean_rows_u8, X8, VALUES / COLUMNS, COLUMNS, 3, 5, 0.01f, Y8)
RUN(add_f32, &FLAT, b->x, b->w, 0.0f, INFINITY, b->y)
RUN(add_u8, &ADD, &FLAT, X8, (const uint8_t *)b->w, Y8)
RUN(multiply_f32, &GATE, b->x, b->w, -INFINITY, INFINITY, b->y)
RUN(multiply_u8, &MULTIPLY, &GATE, X8, (const uint8_t *)b->w, Y8)
RUN(affine_f32, b->x, b->w, b->w + COLUMNS, VALUES / COLUMNS, COLUMNS, 0.0f, INFINITY, b->y)
RUN(affine_u8, &(hark_columns_q){b->w, b->w, 3, 5, 0, 255}, X8, VALUES / COLUMNS, COLUMNS, Y8)
RUN(layer_norm_f32, b->x, b->w, b->w, 1e-5f, VALUES / COLUMNS, COLUMNS, -INFINITY, INFINITY, b->y)
RUN(layer_norm_u8, &(hark_columns_q){b->w, b->w, 3, 5, 0, 255}, 0.1f, 1e-5f, X8, VALUES / COLUMNS,
    COLUMNS, Y8)
RUN(clamp_f32, b->x, VALUES, 0.0f, INFINITY, b->y)
RUN(clamp_u8, X8, VALUES, 3, 200, Y8)
RUN(sigmoid_f32, b->x, VALUES, b->y)
RUN(tanh_f32, b->x, VALUES, b->y)
RUN(silu_f32, b->x, VALUES, b->y)
RUN(gelu_f32, b->x, VALUES, b->y)
RUN(gelu_tanh_f32, b->x, VALUES, b->y)
RUN(hard_sigmoid_f32, b->x, VALUES, b->y)
RUN(hard_swish_f32, b->x, VALUES, b->y)
RUN(leaky_relu_f32, b->x, VALUES, 0.1f, b->y)
RUN(softmax_rows_f32, b->x, VALUES / COLUMNS, COLUMNS, b->y)
RUN(softmax_f32, b->x, VALUES / COLUMNS, COLUMNS, b->y)
RUN(cells_f32, HARK_CELL_LSTM, VALUES / 4, b->x, b->scratch, b->y, b->y + VALUES)
RUN(table_u8, X8, VALUES, (const uint8_t *)b->w, Y8)
RUN(quantize_u8, &CODES, b->x, VALUES, Y8)
RUN(quantize_i16, &CODES, b->x, VALUES, (int16_t *)(void *)b->y)
RUN(dequantize_u8, &CODES, X8, VALUES, b->y)
RUN(dequantize_i16, &CODES, (const int16_t *)(const void *)b->x, VALUES, b->y)

typedef struct simple {
    const char *name;
    void (*run)(const call *c);
    double bytes; /* in and out of a value */
    size_t isa_offset;
} simple;

#define SIMPLE_KERNEL(name, bytes)                                 \
    {                                                              \
#name, run_##name, bytes, offsetof(hark_table, name##_isa) \
    }

static const simple SIMPLE[] = {
    SIMPLE_KERNEL(max_rows_f32, 4),     SIMPLE_KERNEL(max_rows_u8, 1),
    SIMPLE_KERNEL(mean_rows_f32, 4),    SIMPLE_KERNEL(mean_rows_u8, 1),
    SIMPLE_KERNEL(add_f32, 12),         SIMPLE_KERNEL(add_u8, 3),
    SIMPLE_KERNEL(multiply_f32, 8),     SIMPLE_KERNEL(multiply_u8, 2),
    SIMPLE_KERNEL(affine_u8, 2),        SIMPLE_KERNEL(layer_norm_f32, 8),
    SIMPLE_KERNEL(layer_norm_u8, 2),    SIMPLE_KERNEL(silu_f32, 8),
    SIMPLE_KERNEL(gelu_f32, 8),         SIMPLE_KERNEL(gelu_tanh_f32, 8),
    SIMPLE_KERNEL(hard_sigmoid_f32, 8), SIMPLE_KERNEL(hard_swish_f32, 8),
    SIMPLE_KERNEL(leaky_relu_f32, 8),   SIMPLE_KERNEL(softmax_rows_f32, 8),
    SIMPLE_KERNEL(affine_f32, 8),       SIMPLE_KERNEL(clamp_f32, 8),
    SIMPLE_KERNEL(clamp_u8, 2),         SIMPLE_KERNEL(sigmoid_f32, 8),
    SIMPLE_KERNEL(tanh_f32, 8),         SIMPLE_KERNEL(softmax_f32, 8),
    SIMPLE_KERNEL(cells_f32, 14),       SIMPLE_KERNEL(table_u8, 2),
    SIMPLE_KERNEL(quantize_u8, 5),      SIMPLE_KERNEL(quantize_i16, 6),
    SIMPLE_KERNEL(dequantize_u8, 5),    SIMPLE_KERNEL(dequantize_i16, 6),
};

static float *block(size_t floats, float value)
{
    float *values = malloc(floats * sizeof *values);
    if (!values) {
        fprintf(stderr, "checkkern: no memory\n");
        exit(2);
    }
    for (size_t i = 0; i < floats; i++) values[i] = value;
    return values;
}

void time_kernels(const hark_table *table, const char *isa, uint32_t feature)
{
    timer t = {.table = table,
               .isa = isa,
               .f32 = peak_f32(feature),
               .int8 = peak_int8(feature),
               .copy = peak_copy(VALUES * sizeof(float)),
               .b = {block(ROOM, 0.5f), block(ROOM, 0.25f), block(ROOM, 0.0f), block(ROOM, 0.0f)}};
    printf("  %s: peaks %.1f GMAC/s FP32, %.1f GMAC/s INT8, copy %.1f GB/s\n", isa, t.f32 * 1e-9,
           t.int8 * 1e-9, t.copy * 1e-9);
    time_convs(&t);
    for (size_t i = 0; i < sizeof SIMPLE / sizeof *SIMPLE; i++) {
        const char *owner;
        memcpy(&owner, (const char *)table + SIMPLE[i].isa_offset, sizeof owner);
        if (strcmp(owner, isa) != 0) continue;
        const double seconds = seconds_of(SIMPLE[i].run, &(call){&t, NULL, NULL});
        print_line(&t, SIMPLE[i].name, "4096 values", seconds, VALUES * SIMPLE[i].bytes, t.copy,
                   "B");
    }
    free(t.b.x);
    free(t.b.w);
    free(t.b.y);
    free(t.b.scratch);
}
