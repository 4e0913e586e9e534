#include "signal/source.h"

#include <math.h>

#include "base/error.h"
#include "model/schema.h"

/* Standard gravity is 9.80665 m/s^2 by definition (CGPM 1901). */
static const double scales[] = {1.0, 1.0, 9.80665, 1.0, 3.14159265358979323846 / 180.0,
                                1.0, 1.0, 1.0,     1.0};
static const uint8_t dimensions[] = {1, 2, 2, 3, 3, 4, 5, 6, 7};

enum { UNITS = sizeof dimensions, KINDS = HAR_SENSOR_HEART_RATE + 1 };

double hari_unit_scale(uint32_t unit) { return unit < UNITS ? scales[unit] : 0.0; }

uint32_t hari_unit_dimension(uint32_t unit) { return unit < UNITS ? dimensions[unit] : 0; }

static double determinant(const double *m)
{
    return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
           m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/* The rows are unit vectors at right angles. */
static int32_t check_matrix(const double *m, har_error *error)
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++) {
            double dot = 0.0;
            for (int k = 0; k < 3; k++) dot += m[3 * i + k] * m[3 * j + k];
            if (!(fabs(dot - (i == j ? 1.0 : 0.0)) <= 1e-3))
                return hari_fail_bound(error, HAR_ERR_VALUE, dot, "within 0.001 of", i == j,
                                       "config.source.matrix row %d by row %d", i, j);
        }
    return HAR_OK;
}

static int32_t check_at_most(uint32_t value, uint32_t most, uint32_t sensor, const char *field,
                             har_error *error)
{
    if (value <= most) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_VALUE, value, "at most", most,
                           "config.source.sensors[%u].%s", sensor, field);
}

static int32_t check_axes(const har_source_sensor *s, uint32_t i, har_error *error)
{
    uint32_t seen = 0;
    for (int a = 0; a < 3; a++) {
        if (s->axis[a] >= 0 && s->axis[a] < 3) seen |= 1u << s->axis[a];
        if (s->sign[a] != 1 && s->sign[a] != -1)
            return hari_fail_bound(error, HAR_ERR_VALUE, s->sign[a], "-1 or", 1,
                                   "config.source.sensors[%u].sign[%d]", i, a);
    }
    if (seen == 7) return HAR_OK;
    return hari_fail_text(error, HAR_ERR_VALUE, "is no order of the columns 0, 1 and 2",
                          "config.source.sensors[%u].axis", i);
}

static int32_t check_sensor(const har_source_sensor *s, uint32_t i, har_error *error)
{
    int32_t status = check_at_most(s->kind, KINDS - 1, i, "kind", error);
    if (status == HAR_OK) status = check_at_most(s->unit, UNITS - 1, i, "unit", error);
    if (status == HAR_OK)
        status = check_at_most(s->placement, HAR_PLACEMENT_HEAD, i, "placement", error);
    if (status != HAR_OK) return status;
    if (s->rate_hz != 0.0 && !(s->rate_hz >= 1e-3 && s->rate_hz <= 1e5))
        return hari_fail_bound(error, HAR_ERR_VALUE, s->rate_hz, "0, or 0.001 to", 1e5,
                               "config.source.sensors[%u].rate_hz", i);
    if (!(s->range >= 0.0 && s->range <= 1e9))
        return hari_fail_bound(error, HAR_ERR_VALUE, s->range, "0 to", 1e9,
                               "config.source.sensors[%u].range", i);
    if (s->columns == 3) return check_axes(s, i, error);
    if (s->columns == 1) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_VALUE, s->columns, "1 or", 3,
                           "config.source.sensors[%u].columns", i);
}

int32_t hari_source_check(const har_source *source, har_error *error)
{
    if (source->struct_size < sizeof *source)
        return hari_fail_bound(error, HAR_ERR_STRUCT_SIZE, source->struct_size, "at least",
                               (double)sizeof *source, "config.source.struct_size");
    if (source->sensor_count < 1 || source->sensor_count > HAR_MAX_SENSORS)
        return hari_fail_bound(error, HAR_ERR_VALUE, source->sensor_count, "1 to", HAR_MAX_SENSORS,
                               "config.source.sensor_count");
    if (source->mount > HAR_MOUNT_MATRIX)
        return hari_fail_bound(error, HAR_ERR_VALUE, source->mount, "at most", HAR_MOUNT_MATRIX,
                               "config.source.mount");
    int32_t status =
        source->mount == HAR_MOUNT_MATRIX ? check_matrix(source->matrix, error) : HAR_OK;
    for (uint32_t i = 0; i < source->sensor_count && status == HAR_OK; i++)
        status = check_sensor(&source->sensors[i], i, error);
    return status;
}

double hari_source_slowest(const har_source *source, double rate_hz)
{
    for (uint32_t i = 0; i < source->sensor_count; i++) {
        const double stated = source->sensors[i].rate_hz;
        if (stated > 0.0 && stated < rate_hz) rate_hz = stated;
    }
    return rate_hz;
}

typedef struct channel {
    uint32_t kind, axis, unit, placement;
} channel;

/* Number of the source's sensor of `kind` that serves the channel's placement, or -1: the first
 * that is worn there, else the first where one of the two is not said. */
static int32_t find(const har_source *source, uint32_t kind, const channel *c)
{
    int32_t found = -1;
    for (uint32_t i = source->sensor_count; i-- > 0;) {
        const har_source_sensor *s = &source->sensors[i];
        const bool is_there = s->placement == c->placement;
        if (s->kind != kind || (s->columns == 3) != (c->axis != 0)) continue;
        if (!is_there && s->placement != 0 && c->placement != 0) continue;
        if (is_there || found < 0 || source->sensors[found].placement != c->placement)
            found = (int32_t)i;
    }
    return found;
}

/* Accelerations and gravity turn as arrows do; rates of rotation and magnetic fields are axial: a
 * mirror turns them round besides. */
static double mount_entry(const har_source *source, uint32_t kind, int row, int column)
{
    static const int8_t diagonals[HAR_MOUNT_MATRIX][3] = {
        {1, 1, 1}, {-1, -1, 1}, {-1, 1, -1}, {-1, 1, 1}};
    const bool is_axial = kind == HAR_SENSOR_GYROSCOPE || kind == HAR_SENSOR_MAGNETOMETER;
    if (source->mount == HAR_MOUNT_MATRIX) {
        const double entry = source->matrix[3 * row + column];
        return is_axial && determinant(source->matrix) < 0.0 ? -entry : entry;
    }
    const double sign = is_axial && source->mount == HAR_MOUNT_OTHER_WRIST ? -1.0 : 1.0;
    return row == column ? sign * diagonals[source->mount][row] : 0.0;
}

static int32_t add_term(hari_mix *mix, const har_source *source, int32_t number, double sign,
                        const channel *c, har_error *error)
{
    const har_source_sensor *s = &source->sensors[number];
    if (hari_unit_dimension(s->unit) != hari_unit_dimension(c->unit))
        return hari_fail_bound(error, HAR_ERR_VALUE, s->unit, "a unit of the kind of the model's,",
                               c->unit, "config.source.sensors[%d].unit", (int)number);
    hari_term *term = &mix->terms[mix->term_count++];
    *term = (hari_term){.sensor = (uint32_t)number};
    const double scale = sign * (hari_unit_scale(s->unit) / hari_unit_scale(c->unit));
    if (s->columns == 1) {
        term->factor[0] = scale;
        return HAR_OK;
    }
    for (int a = 0; a < 3; a++)
        term->factor[s->axis[a]] =
            scale * s->sign[a] * mount_entry(source, s->kind, (int)c->axis - 1, a);
    return HAR_OK;
}

/* The channel's own sensor; else accelerometer = linear acceleration + gravity, two of the three
 * for the third. */
static int32_t map_channel(const har_source *source, const channel *c, hari_mix *mix,
                           uint32_t number, const char *name, har_error *error)
{
    static const uint8_t pairs[KINDS][2] = {
        [HAR_SENSOR_ACCELEROMETER] = {HAR_SENSOR_LINEAR_ACCELERATION, HAR_SENSOR_GRAVITY},
        [HAR_SENSOR_LINEAR_ACCELERATION] = {HAR_SENSOR_ACCELEROMETER, HAR_SENSOR_GRAVITY},
        [HAR_SENSOR_GRAVITY] = {HAR_SENSOR_ACCELEROMETER, HAR_SENSOR_LINEAR_ACCELERATION},
    };
    *mix = (hari_mix){0};
    const bool is_known = c->kind < KINDS && c->axis <= 3;
    const int32_t own = is_known ? find(source, c->kind, c) : -1;
    if (own >= 0) return add_term(mix, source, own, 1.0, c, error);
    const int32_t first = is_known && pairs[c->kind][0] ? find(source, pairs[c->kind][0], c) : -1;
    const int32_t second = first >= 0 ? find(source, pairs[c->kind][1], c) : -1;
    if (second < 0)
        return hari_fail_text(error, HAR_ERR_VALUE, "has no sensor for it",
                              "config.source: the model's channel %u, %.32s,", number, name);
    const double sign = c->kind == HAR_SENSOR_ACCELEROMETER ? 1.0 : -1.0;
    int32_t status = add_term(mix, source, first, 1.0, c, error);
    return status == HAR_OK ? add_term(mix, source, second, sign, c, error) : status;
}

int32_t hari_source_map(const har_source *source, hari_vector channels, hari_mix *mixes,
                        har_error *error)
{
    for (uint32_t i = 0; i < channels.count; i++) {
        const hari_table t = hari_table_of(channels, i);
        const channel c = {.kind = hari_get_u8(t, HARI_Channel_kind, 0),
                           .axis = hari_get_u8(t, HARI_Channel_axis, 0),
                           .unit = hari_get_u8(t, HARI_Channel_unit, 0),
                           .placement = hari_get_u8(t, HARI_Channel_placement, 0)};
        hari_mix mix;
        int32_t status =
            map_channel(source, &c, &mix, i, hari_get_string(t, HARI_Channel_name), error);
        if (status != HAR_OK) return status;
        if (mixes) mixes[i] = mix;
    }
    return HAR_OK;
}

float hari_mix_value(const hari_mix *mix, const double (*readings)[3])
{
    double sum = 0.0;
    for (uint32_t t = 0; t < mix->term_count; t++)
        for (int k = 0; k < 3; k++)
            sum += mix->terms[t].factor[k] * readings[mix->terms[t].sensor][k];
    return (float)sum;
}
