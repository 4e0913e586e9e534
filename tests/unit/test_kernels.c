/* The scalar functions of the contract against libm in binary64. */
#include "check.h"

#include <math.h>

#include "kernels/ref/math.h"

static void rounding_is_to_nearest_even(void **state)
{
    (void)state;
    for (int32_t n = -40000; n <= 40000; n++) {
        assert_int_equal(hark_rne((float)n), n);
        assert_int_equal(hark_rne((float)n + 0.5f), n % 2 == 0 ? n : n + 1);
        assert_int_equal(hark_rne((float)n + 0.25f), n);
        assert_int_equal(hark_rne((float)n + 0.75f), n + 1);
    }
}

static void codes_are_clamped(void **state)
{
    (void)state;
    assert_int_equal(hark_code(1e30f, 3, 0, 255), 255);
    assert_int_equal(hark_code(-1e30f, 3, 0, 255), 0);
    assert_int_equal(hark_code(INFINITY, 3, 0, 255), 255);
    assert_int_equal(hark_code(NAN, 3, 5, 255), 5);
    assert_int_equal(hark_code(2.5f, 3, 0, 255), 5);
    assert_int_equal(hark_code(3.5f, 3, 0, 255), 7);
    assert_int_equal(hark_code(-40000.0f, 0, -32767, 32767), -32767);
}

static void exp_is_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (double x = -87.0; x < 88.5; x += 0.000917) {
        double wanted = exp((double)(float)x);
        double error = fabs((double)hark_exp_f32((float)x) - wanted) / wanted;
        if (error > worst) worst = error;
    }
    assert_true(worst < 2e-7);
    assert_true(hark_exp_f32(0.0f) == 1.0f);
    assert_true(hark_exp_f32(-100.0f) == 0.0f && hark_exp_f32(-INFINITY) == 0.0f);
    assert_true(isinf(hark_exp_f32(89.0f)) && isinf(hark_exp_f32(INFINITY)));
    assert_true(isnan(hark_exp_f32(NAN)));
}

static void curves_are_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (double x = -30.0; x < 30.0; x += 0.00013) {
        const float v = (float)x;
        double s = fabs((double)hark_sigmoid_one(v) - 1.0 / (1.0 + exp(-(double)v)));
        double t = fabs((double)hark_tanh_one(v) - tanh((double)v));
        if (s > worst) worst = s;
        if (t > worst) worst = t;
    }
    assert_true(worst < 2e-7);
    assert_true(hark_tanh_one(0.0f) == 0.0f);
    assert_true(hark_tanh_one(100.0f) == 1.0f && hark_tanh_one(-100.0f) == -1.0f);
    assert_true(hark_sigmoid_one(-200.0f) == 0.0f && hark_sigmoid_one(200.0f) == 1.0f);
    assert_true(fabs((double)hark_tanh_one(1e-6f) - 1e-6) < 1e-13);
}

static void erf_is_accurate(void **state)
{
    (void)state;
    double worst = 0;
    for (double x = -6.0; x < 6.0; x += 0.000017) {
        const double error = fabs((double)hark_erf_one((float)x) - erf((double)(float)x));
        if (error > worst) worst = error;
    }
    assert_true(worst < 2e-7);
    assert_true(hark_erf_one(0.0f) == 0.0f);
    assert_true(hark_erf_one(4.0f) == 1.0f && hark_erf_one(-INFINITY) == -1.0f);
    assert_true(hark_gelu_one(30.0f) == 30.0f && hark_gelu_one(-30.0f) == 0.0f);
    assert_true(isnan(hark_gelu_one(NAN)));
}

/* Gates need no digits where they are small, only that they are near. */
static void gates_are_accurate(void **state)
{
    (void)state;
    double worst_sigmoid = 0;
    double worst_tanh = 0;
    for (double x = -120.0; x < 120.0; x += 0.00017) {
        const float v = (float)x;
        worst_sigmoid =
            fmax(worst_sigmoid, fabs((double)hark_gate_sigmoid(v) - 1.0 / (1.0 + exp(-(double)v))));
        worst_tanh = fmax(worst_tanh, fabs((double)hark_gate_tanh(v) - tanh((double)v)));
    }
    assert_true(worst_sigmoid < 1e-7);
    assert_true(worst_tanh < 1.4e-7);
    assert_true(hark_gate_tanh(0.0f) == 0.0f && hark_gate_sigmoid(0.0f) == 0.5f);
    assert_true(hark_gate_tanh(INFINITY) == 1.0f && hark_gate_tanh(-INFINITY) == -1.0f);
    assert_true(hark_gate_sigmoid(-INFINITY) < 1e-37f && hark_gate_sigmoid(INFINITY) == 1.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding_is_to_nearest_even),
        cmocka_unit_test(codes_are_clamped),
        cmocka_unit_test(exp_is_accurate),
        cmocka_unit_test(curves_are_accurate),
        cmocka_unit_test(erf_is_accurate),
        cmocka_unit_test(gates_are_accurate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
