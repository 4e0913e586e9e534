/* From the file's channels and contracts to what the running check compares with. */
#include <math.h>

#include "base/error.h"
#include "har/source.h"
#include "model/schema.h"
#include "signal/contract.h"
#include "signal/source.h"

static const double PI = 3.14159265358979323846;

enum { CUTOFF_HZ = 5, BLOCKS_A_SECOND = 2, ACCELERATION = 2, ROTATION = 3 };

/* The channels x, y, z of `kind` and `placement`, all of one unit of the dimension. */
static bool find_axes(hari_vector channels, uint32_t kind, uint32_t placement, uint32_t dimension,
                      uint16_t *found, double *scale)
{
    uint32_t seen = 0;
    uint32_t units = 0;
    for (uint32_t i = 0; i < channels.count; i++) {
        const hari_table c = hari_table_of(channels, i);
        const uint32_t axis = hari_get_u8(c, HARI_Channel_axis, 0);
        const uint32_t unit = hari_get_u8(c, HARI_Channel_unit, 0);
        if (hari_get_u8(c, HARI_Channel_kind, 0) != kind || axis < 1 || axis > 3 ||
            hari_get_u8(c, HARI_Channel_placement, 0) != placement ||
            hari_unit_dimension(unit) != dimension || (seen >> axis & 1u))
            continue;
        found[axis - 1] = (uint16_t)i;
        *scale = hari_unit_scale(unit);
        seen |= 1u << axis;
        units |= 1u << unit;
    }
    return seen == 14 && (units & (units - 1)) == 0;
}

/* A contract for the accelerometer whose x axis the channel is. */
static bool begin_contract(hari_contract *contract, hari_vector channels, uint32_t number)
{
    const hari_table c = hari_table_of(channels, number);
    const uint32_t kind = hari_get_u8(c, HARI_Channel_kind, 0);
    const uint32_t placement = hari_get_u8(c, HARI_Channel_placement, 0);
    if (kind != HAR_SENSOR_ACCELEROMETER && kind != HAR_SENSOR_LINEAR_ACCELERATION) return false;
    *contract = (hari_contract){.has_gravity = kind == HAR_SENSOR_ACCELEROMETER};
    if (!find_axes(channels, kind, placement, ACCELERATION, contract->acceleration,
                   &contract->acceleration_scale) ||
        contract->acceleration[0] != number)
        return false;
    contract->has_rotation = find_axes(channels, HAR_SENSOR_GYROSCOPE, placement, ROTATION,
                                       contract->rotation, &contract->rotation_scale);
    return true;
}

static bool names(hari_vector found, const uint16_t *wanted)
{
    return found.count == 3 && hari_u16_of(found, 0) == wanted[0] &&
           hari_u16_of(found, 1) == wanted[1] && hari_u16_of(found, 2) == wanted[2];
}

static int32_t check_count(hari_table table, unsigned slot, uint32_t wanted, uint32_t i,
                           const char *field, har_error *error)
{
    const uint32_t found = hari_get_vector(table, slot).count;
    if (found == wanted || found == 0) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, found, "0 or", wanted,
                           "signal.contracts[%u].%s count", i, field);
}

static int32_t check_numbers(hari_table table, uint32_t i, har_error *error)
{
    static const uint8_t slots[] = {HARI_Contract_moving_above, HARI_Contract_rotation_least,
                                    HARI_Contract_ratio_least, HARI_Contract_ratio_most};
    for (uint32_t s = 0; s < sizeof slots; s++) {
        const float value = hari_get_f32(table, slots[s], 0.0f);
        if (!(value >= 0.0f && isfinite(value)))
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, value, "finite and at least", 0,
                                   "signal.contracts[%u], field %u", i, slots[s]);
    }
    return HAR_OK;
}

/* The network that tells mistaken axes: a row of weights, a bias and an output weight a unit. */
static int32_t check_network(hari_table table, uint32_t i, har_error *error)
{
    const hari_vector weights = hari_get_vector(table, HARI_Contract_axes_weights);
    const hari_vector units = hari_get_vector(table, HARI_Contract_axes_units);
    if (units.count % 2 != 0 || weights.count != (uint64_t)units.count / 2 * HARI_AXES_FEATURES)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, weights.count, "features a unit, of",
                               HARI_AXES_FEATURES, "signal.contracts[%u].axes_weights count", i);
    for (uint32_t k = 0; k < units.count; k++)
        if (!isfinite(hari_f32_of(units, k)))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is not finite",
                                  "signal.contracts[%u].axes_units[%u]", i, k);
    if (!isfinite(hari_get_f32(table, HARI_Contract_axes_margin, 0.0f)))
        return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is not finite",
                              "signal.contracts[%u].axes_margin", i);
    return HAR_OK;
}

static int32_t learn(hari_contracts *contracts, hari_table table, uint32_t i, har_error *error)
{
    int32_t status =
        check_count(table, HARI_Contract_gravity_still, HARI_CUBE_BYTES, i, "gravity_still", error);
    if (status == HAR_OK)
        status = check_count(table, HARI_Contract_gravity_moving, HARI_CUBE_BYTES, i,
                             "gravity_moving", error);
    if (status == HAR_OK) status = check_numbers(table, i, error);
    if (status == HAR_OK) status = check_network(table, i, error);
    if (status != HAR_OK) return status;
    for (uint32_t k = 0; k < contracts->count; k++) {
        hari_contract *contract = &contracts->list[k];
        if (!contract->has_gravity || !contract->has_rotation ||
            !names(hari_get_vector(table, HARI_Contract_acceleration), contract->acceleration) ||
            !names(hari_get_vector(table, HARI_Contract_rotation), contract->rotation))
            continue;
        contract->learned = table;
        return HAR_OK;
    }
    return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                          "names no x, y, z of an accelerometer and of the gyroscope beside it",
                          "signal.contracts[%u]", i);
}

int32_t hari_contracts_build(hari_contracts *contracts, hari_table signal, double rate_hz,
                             hari_pool *pool, har_error *error)
{
    const hari_vector channels = hari_get_vector(signal, HARI_Signal_channels);
    const hari_vector tables = hari_get_vector(signal, HARI_Signal_contracts);
    const double step = 2.0 * PI * (double)CUTOFF_HZ / rate_hz;
    *contracts = (hari_contracts){.rate_hz = rate_hz, .low_step = step / (1.0 + step)};
    const double block = rate_hz / (double)BLOCKS_A_SECOND + 0.5;
    contracts->block = block < 1.0 ? 1 : (uint32_t)block;
    hari_contract found;
    uint32_t count = 0;
    for (uint32_t i = 0; i < channels.count; i++) count += begin_contract(&found, channels, i);
    contracts->list = hari_pool_alloc(pool, count, sizeof *contracts->list);
    if (!contracts->list) return hari_fail(error, HAR_ERR_MEMORY, "signal.contracts");
    for (uint32_t i = 0; i < channels.count; i++)
        if (begin_contract(&found, channels, i)) contracts->list[contracts->count++] = found;
    int32_t status = HAR_OK;
    for (uint32_t i = 0; i < tables.count && status == HAR_OK; i++)
        status = learn(contracts, hari_table_of(tables, i), i, error);
    return status;
}
