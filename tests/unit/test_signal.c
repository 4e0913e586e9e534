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
                                 .section_count = random_range(&random, 1, MOST_SECTIONS)};
        for (uint32_t s = 0; s < step.section_count; s++) sections[s] = random_section(&random);
        double memory[2 * MOST_SECTIONS] = {0};
        long double wanted[ROWS];
        double found[ROWS];
        for (int n = 0; n < ROWS; n++) {
            wanted[n] = random_unit(&random);
            found[n] = hari_sections_run(&step, memory, (double)wanted[n]);
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
        cmocka_unit_test(channels_are_described_in_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
