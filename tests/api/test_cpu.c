/* Which kernels a model takes, and the limits: the config's, and the environment's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "har/har.h"

static int32_t open_with(uint32_t allowed, har_model **model, har_error *error)
{
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    har_error_init(error, sizeof *error);
    config.cpu_allowed = allowed;
    config.backend = HAR_BACKEND_NATIVE;
    return har_model_open_file(HAR_GOLDEN "/tiny_int8.har", &config, model, error);
}

/* Every step with multiply-accumulates runs on a kernel of `allowed`. */
static void expect_kernels_of(har_model *model, uint32_t allowed)
{
    har_model_info info = {.struct_size = sizeof info};
    assert_int_equal(har_model_get_info(model, &info), HAR_OK);
    for (uint32_t i = 0; i < info.plan_step_count; i++) {
        har_plan_step step = {.struct_size = sizeof step};
        assert_int_equal(har_model_get_plan_step(model, i, &step), HAR_OK);
        if (step.macs == 0) continue;
        uint32_t feature = 1;
        while (feature != 0 &&
               (!har_cpu_name(feature) || strcmp(har_cpu_name(feature), step.kernel)))
            feature <<= 1;
        assert_int_not_equal(feature, 0);
        assert_true(feature == HAR_CPU_REF || (feature & allowed));
    }
}

static void a_config_narrows_the_choice(void **state)
{
    (void)state;
    const uint32_t features = har_cpu_features();
    assert_true(features & HAR_CPU_REF);
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        har_model *model;
        har_error error;
        if (!(features & bit)) continue;
        assert_int_equal(open_with(bit, &model, &error), HAR_OK);
        expect_kernels_of(model, bit);
        assert_int_equal(
            har_model_selftest(model, &(har_selftest){.struct_size = sizeof(har_selftest)}, NULL),
            HAR_OK);
        har_model_release(model);
    }
}

static void the_environment_narrows_it_too(void **state)
{
    (void)state;
    har_model *model;
    har_error error;
    assert_int_equal(setenv("HAR_CPU", "ref", 1), 0);
    assert_int_equal(open_with(0, &model, &error), HAR_OK);
    expect_kernels_of(model, HAR_CPU_REF);
    har_model_release(model);
    assert_int_equal(setenv("HAR_CPU", "sse9", 1), 0);
    assert_int_equal(open_with(0, &model, &error), HAR_ERR_VALUE);
    assert_null(model);
    assert_non_null(strstr(error.text, "sse9"));
    assert_non_null(strstr(error.text, "avx512vnni"));
    assert_int_equal(unsetenv("HAR_CPU"), 0);
}

static void every_feature_has_a_name(void **state)
{
    (void)state;
    const uint32_t features = har_cpu_features();
    for (uint32_t bit = 1; bit != 0; bit <<= 1)
        if (features & bit) assert_non_null(har_cpu_name(bit));
    assert_string_equal(har_cpu_name(HAR_CPU_REF), "ref");
    assert_null(har_cpu_name(0));
    assert_null(har_cpu_name(HAR_CPU_AVX2 | HAR_CPU_NEON));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_narrows_the_choice),
        cmocka_unit_test(the_environment_narrows_it_too),
        cmocka_unit_test(every_feature_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
