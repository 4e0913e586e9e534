/* The signal steps against brute force. The chain of a whole file is compared with SciPy in
 * tests/python. */
#include "check.h"

#include <math.h>

#include "signal/chain.h"
#include "signal/sections.h"

static uint64_t seed;

enum { ROWS = 200, MOST_SECTIONS = 4 };

/* A stable section: poles inside the unit circle, zeros anywhere. */
static hari_section random_section(uint64_t *random)
{
    double radius = 0.99 * fabs(random_unit(random));
    double angle = 3.14 * random_unit(random);
    return (hari_section){.b0 = random_unit(random),
                          .b1 = random_unit(random),
                          .b2 = random_unit(random),
                          .a1 = -2 * radius * cos(angle),
                          .a2 = radius * radius};
}

/* One section in direct form I, in long double. */
static void direct_form(const hari_section *c, long double *x, int rows)
{
    long double y[ROWS];
    for (int n = 0; n < rows; n++) {
        y[n] = c->b0 * x[n];
        if (n > 0) y[n] += c->b1 * x[n - 1] - c->a1 * y[n - 1];
        if (n > 1) y[n] += c->b2 * x[n - 2] - c->a2 * y[n - 2];
    }
    memcpy(x, y, sizeof y[0] * (size_t)rows);
}

static void sections_are_the_difference_equation(void **state)
{
    (void)state;
    uint64_t random = seed;
    for (int round = 0; round < 200; round++) {
        hari_section sections[MOST_SECTIONS];
        hari_signal_step step = {.sections = sections,
                                 .section_count = random_range(&random, 1, MOST_SECTIONS),
                                 .channel_count = 1};
        for (uint32_t s = 0; s < step.section_count; s++) sections[s] = random_section(&random);
        double memory[2 * MOST_SECTIONS] = {0};
        long double wanted[ROWS];
        double found[ROWS];
        for (int n = 0; n < ROWS; n++) {
            wanted[n] = random_unit(&random);
            found[n] = (double)wanted[n];
            hari_sections_run(&step, memory, &found[n]);
        }
        for (uint32_t s = 0; s < step.section_count; s++) direct_form(&sections[s], wanted, ROWS);
        long double largest = 1;
        for (int n = 0; n < ROWS; n++)
            if (fabsl(wanted[n]) > largest) largest = fabsl(wanted[n]);
        for (int n = 0; n < ROWS; n++) assert_true(fabsl(found[n] - wanted[n]) <= 1e-9L * largest);
    }
}

/* A chain of one median step over both columns, made by hand. */
static double median_state[1 + 2 + 2];
static uint16_t both[2] = {0, 1};

static hari_chain median_chain(hari_signal_step *step)
{
    *step = (hari_signal_step){.type = &hari_median_step,
                               .channels = both,
                               .channel_count = 2,
                               .columns_in = 2,
                               .columns_out = 2,
                               .latency = 1,
                               .state_values = 5};
    return (hari_chain){.steps = step,
                        .step_count = 1,
                        .columns_in = 2,
                        .columns_out = 2,
                        .columns_max = 2,
                        .latency = 1,
                        .state_values = 5};
}

static double middle(double a, double b, double c) { return fmax(fmin(a, b), fmin(fmax(a, b), c)); }

static void the_median_is_centred_and_sees_zeros_beyond_the_ends(void **state)
{
    (void)state;
    uint64_t random = seed;
    hari_signal_step step;
    const hari_chain chain = median_chain(&step);
    double row[2];
    hari_chain_state s = {.row = row, .values = median_state};
    for (uint32_t rows = 0; rows < 20; rows++) {
        float in[22][2] = {{0}}; /* row i stands at i + 1, zeros around */
        float out[21][2];
        uint32_t got = 0;
        hari_chain_reset(&chain, &s);
        for (uint32_t i = 1; i <= rows; i++)
            for (int c = 0; c < 2; c++) in[i][c] = (float)random_unit(&random);
        for (uint32_t i = 1; i <= rows; i++) got += hari_chain_push(&chain, &s, in[i], out[got]);
        assert_int_equal(got, rows > 0 ? rows - 1 : 0);
        while (hari_chain_drain(&chain, &s, out[got])) got++;
        assert_int_equal(got, rows);
        assert_false(hari_chain_drain(&chain, &s, out[got]));
        for (uint32_t i = 0; i < rows; i++)
            for (int c = 0; c < 2; c++)
                assert_true((double)out[i][c] == middle(in[i][c], in[i + 1][c], in[i + 2][c]));
    }
}

/* A chain of random steps, made by hand, and the whole recording that goes through it. */
enum { MOST_STEPS = 6, MOST_COLUMNS = 24, CHANNELS_IN = 3 };

typedef struct made_chain {
    hari_chain chain;
    hari_signal_step steps[MOST_STEPS];
    uint16_t channels[MOST_STEPS][MOST_COLUMNS];
    hari_section sections[MOST_STEPS][2];
    double scale[MOST_STEPS][MOST_COLUMNS];
    double offset[MOST_STEPS][MOST_COLUMNS];
} made_chain;

/* Some of the columns, each at most once; a selection names them in any order. */
static uint32_t choose_channels(uint64_t *random, uint32_t columns, uint16_t *channels)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < columns && count < 4; c++)
        if (random_range(random, 0, 1)) channels[count++] = (uint16_t)c;
    if (count == 0) channels[count++] = (uint16_t)random_range(random, 0, columns - 1);
    return count;
}

static void add_random_step(made_chain *made, uint64_t *random)
{
    static const hari_signal_step_type *const types[] = {&hari_median_step, &hari_filter_step,
                                                         &hari_gravity_split_step, &hari_scale_step,
                                                         &hari_select_step};
    hari_chain *chain = &made->chain;
    const uint32_t s = chain->step_count++;
    hari_signal_step *step = &made->steps[s];
    *step = (hari_signal_step){.type = types[random_range(random, 0, 4)],
                               .channels = made->channels[s],
                               .columns_in = chain->columns_out,
                               .columns_out = chain->columns_out,
                               .sections = made->sections[s],
                               .section_count = 2,
                               .scale = made->scale[s],
                               .offset = made->offset[s]};
    step->channel_count = choose_channels(random, step->columns_in, step->channels);
    for (int i = 0; i < 2; i++) made->sections[s][i] = random_section(random);
    for (uint32_t i = 0; i < step->channel_count; i++) {
        step->scale[i] = random_unit(random);
        step->offset[i] = random_unit(random);
    }
    step->state_values = step->channel_count * hari_sections_state(step);
    if (step->type == &hari_median_step) {
        step->latency = 1;
        step->state_values = 1 + step->columns_in + step->channel_count;
    }
    if (step->type == &hari_gravity_split_step) step->columns_out += 2 * step->channel_count;
    if (step->type == &hari_select_step) {
        const uint16_t first = step->channels[0];
        step->channels[0] = step->channels[step->channel_count - 1];
        step->channels[step->channel_count - 1] = first;
        step->columns_out = step->state_values = step->channel_count;
    }
    chain->columns_out = step->columns_out;
    if (chain->columns_out > chain->columns_max) chain->columns_max = chain->columns_out;
    chain->latency += step->latency;
    chain->state_values += step->state_values;
}

/* One step over a whole recording, column by column. */
static void run_step(const hari_signal_step *step, long double (*x)[ROWS], int rows)
{
    static long double before[MOST_COLUMNS][ROWS];
    memcpy(before, x, sizeof before);
    for (uint32_t i = 0; i < step->channel_count; i++) {
        const uint16_t c = step->channels[i];
        long double *gravity = x[step->columns_in + i];
        long double *filtered = step->type == &hari_filter_step ? x[c] : gravity;
        if (step->type == &hari_filter_step || step->type == &hari_gravity_split_step) {
            memcpy(filtered, before[c], sizeof before[c]);
            for (int k = 0; k < 2; k++) direct_form(&step->sections[k], filtered, rows);
        }
        for (int n = 0; n < rows; n++) {
            const long double last = n > 0 ? before[c][n - 1] : 0;
            const long double next = n + 1 < rows ? before[c][n + 1] : 0;
            const long double here = before[c][n];
            if (step->type == &hari_median_step)
                x[c][n] = fmaxl(fminl(last, here), fminl(fmaxl(last, here), next));
            else if (step->type == &hari_scale_step)
                x[c][n] = here * step->scale[i] + step->offset[i];
            else if (step->type == &hari_select_step)
                x[i][n] = here;
            else if (step->type == &hari_gravity_split_step)
                x[step->columns_in + step->channel_count + i][n] = here - gravity[n];
        }
    }
}

/* Row by row; the first `latency` pushes keep their rows, draining brings them out. */
static void stream_rows(const made_chain *made, hari_chain_state *state, float (*in)[CHANNELS_IN],
                        int rows, float (*out)[MOST_COLUMNS])
{
    int got = 0;
    hari_chain_reset(&made->chain, state);
    for (int n = 0; n < rows; n++) {
        got += hari_chain_push(&made->chain, state, in[n], out[got]);
        assert_int_equal(got,
                         n + 1 > (int)made->chain.latency ? n + 1 - (int)made->chain.latency : 0);
    }
    float none[MOST_COLUMNS];
    while (got < rows && hari_chain_drain(&made->chain, state, out[got])) got++;
    assert_int_equal(got, rows);
    assert_false(hari_chain_drain(&made->chain, state, none));
}

static void chains_are_their_steps_one_after_the_other(void **state)
{
    (void)state;
    static made_chain made;
    static float in[ROWS][CHANNELS_IN];
    static float out[ROWS][MOST_COLUMNS];
    static float again[ROWS][MOST_COLUMNS];
    static long double wanted[MOST_COLUMNS + 16][ROWS];
    for (uint64_t round = 0; round < 300; round++) {
        uint64_t random = seed + round;
        memset(&made, 0, sizeof made);
        made.chain = (hari_chain){.steps = made.steps,
                                  .columns_in = CHANNELS_IN,
                                  .columns_out = CHANNELS_IN,
                                  .columns_max = CHANNELS_IN};
        const uint32_t steps = random_range(&random, 0, MOST_STEPS);
        while (made.chain.step_count < steps && made.chain.columns_out <= MOST_COLUMNS - 8)
            add_random_step(&made, &random);
        const int rows = (int)random_range(&random, 0, ROWS - 1);
        for (int n = 0; n < rows; n++)
            for (int c = 0; c < CHANNELS_IN; c++)
                wanted[c][n] = in[n][c] = (float)random_unit(&random);
        _Alignas(64) static unsigned char block[1 << 14];
        hari_chain_state s;
        hari_layout layout = {.base = block};
        hari_chain_layout(&made.chain, &s, &layout);
        assert_true(layout.used <= sizeof block);
        stream_rows(&made, &s, in, rows, out);
        stream_rows(&made, &s, in, rows, again);
        for (uint32_t k = 0; k < made.chain.step_count; k++) run_step(&made.steps[k], wanted, rows);
        for (int n = 0; n < rows; n++) {
            assert_memory_equal(out[n], again[n], made.chain.columns_out * sizeof(float));
            for (uint32_t c = 0; c < made.chain.columns_out; c++)
                assert_true(fabsl((long double)out[n][c] - wanted[c][n]) <=
                            1e-6L * fmaxl(1, fabsl(wanted[c][n])));
        }
    }
}

static void channels_are_described_in_runs(void **state)
{
    (void)state;
    uint16_t channels[] = {0, 1, 2, 9, 15, 16};
    const hari_signal_step step = {.channels = channels, .channel_count = 6};
    char text[32];
    hari_describe_channels(&step, text, sizeof text);
    assert_string_equal(text, "0-2,9,15-16");
    char small[4];
    hari_describe_channels(&step, small, sizeof small);
    assert_true(strlen(small) < sizeof small);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_are_the_difference_equation),
        cmocka_unit_test(the_median_is_centred_and_sees_zeros_beyond_the_ends),
        cmocka_unit_test(chains_are_their_steps_one_after_the_other),
        cmocka_unit_test(channels_are_described_in_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
