/* The source's entry points: the presets, the push of one sensor. */
#include "har/source.h"

#include <string.h>

#include "api/stream.h"
#include "base/error.h"

typedef struct preset_sensor {
    uint8_t kind, unit;
    int8_t sign;
} preset_sensor;

enum { MOST_PRESET_SENSORS = 3 };

/* Where the signs come from: docs/design/source.md. */
static const preset_sensor presets[][MOST_PRESET_SENSORS] = {
    [HAR_PRESET_ANDROID_SENSOR] = {{HAR_SENSOR_ACCELEROMETER, HAR_UNIT_METRE_PER_SECOND_SQUARED, 1},
                                   {HAR_SENSOR_GYROSCOPE, HAR_UNIT_RADIAN_PER_SECOND, 1}},
    [HAR_PRESET_IOS_CORE_MOTION_ACCELEROMETER] = {{HAR_SENSOR_ACCELEROMETER,
                                                   HAR_UNIT_STANDARD_GRAVITY, -1},
                                                  {HAR_SENSOR_GYROSCOPE, HAR_UNIT_RADIAN_PER_SECOND,
                                                   1}},
    [HAR_PRESET_IOS_DEVICE_MOTION] = {{HAR_SENSOR_LINEAR_ACCELERATION, HAR_UNIT_STANDARD_GRAVITY,
                                       -1},
                                      {HAR_SENSOR_GRAVITY, HAR_UNIT_STANDARD_GRAVITY, -1},
                                      {HAR_SENSOR_GYROSCOPE, HAR_UNIT_RADIAN_PER_SECOND, 1}},
    [HAR_PRESET_WEB_DEVICE_MOTION] = {{HAR_SENSOR_ACCELEROMETER, HAR_UNIT_METRE_PER_SECOND_SQUARED,
                                       1},
                                      {HAR_SENSOR_GYROSCOPE, HAR_UNIT_DEGREE_PER_SECOND, 1}},
    [HAR_PRESET_WEB_DEVICE_MOTION_IOS] = {{HAR_SENSOR_ACCELEROMETER,
                                           HAR_UNIT_METRE_PER_SECOND_SQUARED, -1},
                                          {HAR_SENSOR_GYROSCOPE, HAR_UNIT_DEGREE_PER_SECOND, 1}},
    [HAR_PRESET_UCI_HAR] = {{HAR_SENSOR_ACCELEROMETER, HAR_UNIT_STANDARD_GRAVITY, 1},
                            {HAR_SENSOR_GYROSCOPE, HAR_UNIT_RADIAN_PER_SECOND, 1}},
};

void har_source_init(har_source *source, uint32_t struct_size, uint32_t preset)
{
    if (!source || struct_size < sizeof *source) return;
    *source = (har_source){.struct_size = struct_size, .preset = preset};
    for (int i = 0; i < 3; i++) source->matrix[4 * i] = 1.0;
    for (int i = 0; i < HAR_MAX_SENSORS; i++) {
        har_source_sensor *sensor = &source->sensors[i];
        sensor->columns = 3;
        for (int a = 0; a < 3; a++) sensor->axis[a] = a;
        for (int a = 0; a < 3; a++) sensor->sign[a] = 1;
        if (preset > HAR_PRESET_UCI_HAR || i >= MOST_PRESET_SENSORS || !presets[preset][i].kind)
            continue;
        sensor->kind = presets[preset][i].kind;
        sensor->unit = presets[preset][i].unit;
        for (int a = 0; a < 3; a++) sensor->sign[a] = presets[preset][i].sign;
        if (preset == HAR_PRESET_UCI_HAR) sensor->rate_hz = 50.0;
        source->sensor_count++;
    }
}

const char *har_reason_name(uint32_t reason)
{
    static const char names[][20] = {
        "unit",     "rate",    "clipping",     "stuck_axis", "gravity_direction",
        "rotation", "gravity", "sensor_silent"};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (reason == 1u << i) return names[i];
    return NULL;
}

static int32_t check_push(const har_stream *stream, uint32_t sensor, uint32_t columns,
                          har_error *error)
{
    const hari_merge *merge = stream->core.merge;
    if (!merge) return hari_fail(error, HAR_ERR_SOURCE, "stream without a source");
    if (sensor >= merge->track_count)
        return hari_fail_bound(error, HAR_ERR_VALUE, sensor, "below", merge->track_count, "sensor");
    const uint32_t wanted = merge->tracks[sensor].readings.columns;
    if (columns != wanted)
        return hari_fail_bound(error, HAR_ERR_CHANNELS, columns, "equal to", wanted, "columns");
    return HAR_OK;
}

int32_t har_push_sensor(har_stream *stream, uint32_t sensor, const float *values, size_t rows,
                        uint32_t columns, const int64_t *times_ns, size_t *taken, har_error *error)
{
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    if (!taken) return hari_fail(error, HAR_ERR_NULL, "taken");
    *taken = 0;
    if (!values && rows > 0) return hari_fail(error, HAR_ERR_NULL, "values");
    if (!times_ns && rows > 0) return hari_fail(error, HAR_ERR_NULL, "times_ns");
    int32_t status = check_push(stream, sensor, columns, error);
    if (status != HAR_OK) return status;
    return hari_stream_push_sensor(&stream->core, sensor, values, rows, times_ns, taken, error);
}
