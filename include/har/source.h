/** @file
 * What an app has, where that is not what the model was trained on: other units, signs, axes,
 * rates, sensors that arrive one by one.
 *
 *     har_source source;
 *     har_source_init(&source, sizeof source, HAR_PRESET_ANDROID_SENSOR);
 *     source.sensors[0].rate_hz = 100.0;
 *     har_stream_config config;
 *     har_stream_config_init(&config, sizeof config);
 *     config.source = &source;
 *     har_stream_create(model, &config, &stream, NULL);
 *     ...
 *     har_push_sensor(stream, 0, accelerations, rows, 3, times_ns, &taken, NULL);
 *     har_push_sensor(stream, 1, rotations, rows, 3, times_ns, &taken, NULL);
 *     while (har_poll_label(stream, &event, NULL) == HAR_OK) puts(event.name);
 *
 * The library converts what is stated and corrects nothing that is not: what arrives is compared
 * with what the model states and was trained on, and where they disagree events and counters carry
 * HAR_REASON_* bits. docs/design/source.md has the rules and their sources.
 */
#ifndef HAR_SOURCE_H
#define HAR_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "har/export.h"
#include "har/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Sensors that a source has at most. */
#define HAR_MAX_SENSORS 16

/** Kinds of sensors. */
enum {
    HAR_SENSOR_OTHER = 0,
    HAR_SENSOR_ACCELEROMETER = 1, /**< gravity in; at rest, lying on its back, z is +1 g */
    HAR_SENSOR_GYROSCOPE = 2,
    HAR_SENSOR_MAGNETOMETER = 3,
    HAR_SENSOR_GRAVITY = 4,
    HAR_SENSOR_LINEAR_ACCELERATION = 5, /**< accelerometer less gravity */
    HAR_SENSOR_BAROMETER = 6,
    HAR_SENSOR_HEART_RATE = 7
};

/** Units of what a sensor gives. */
enum {
    HAR_UNIT_NONE = 0,
    HAR_UNIT_METRE_PER_SECOND_SQUARED = 1,
    HAR_UNIT_STANDARD_GRAVITY = 2,
    HAR_UNIT_RADIAN_PER_SECOND = 3,
    HAR_UNIT_DEGREE_PER_SECOND = 4,
    HAR_UNIT_MICROTESLA = 5,
    HAR_UNIT_EARTH_FIELD = 6,
    HAR_UNIT_HECTOPASCAL = 7,
    HAR_UNIT_BEAT_PER_MINUTE = 8
};

/** Where on the body a sensor is worn. */
enum {
    HAR_PLACEMENT_UNSPECIFIED = 0,
    HAR_PLACEMENT_WAIST = 1,
    HAR_PLACEMENT_POCKET = 2,
    HAR_PLACEMENT_HAND = 3,
    HAR_PLACEMENT_LEFT_WRIST = 4,
    HAR_PLACEMENT_RIGHT_WRIST = 5,
    HAR_PLACEMENT_LEFT_ARM = 6,
    HAR_PLACEMENT_RIGHT_ARM = 7,
    HAR_PLACEMENT_LEFT_LEG = 8,
    HAR_PLACEMENT_RIGHT_LEG = 9,
    HAR_PLACEMENT_LEFT_ANKLE = 10,
    HAR_PLACEMENT_RIGHT_ANKLE = 11,
    HAR_PLACEMENT_CHEST = 12,
    HAR_PLACEMENT_BACK = 13,
    HAR_PLACEMENT_HEAD = 14
};

/** One sensor of the app, as har_push_sensor gets it. */
typedef struct har_source_sensor {
    uint32_t kind; /**< HAR_SENSOR_* */
    uint32_t unit; /**< HAR_UNIT_*, of the model's dimension */
    uint32_t
        placement;    /**< HAR_PLACEMENT_*; UNSPECIFIED serves a model's sensor of any placement */
    uint32_t columns; /**< 3, or 1 for a sensor without axes */
    int32_t axis[3];  /**< the pushed column, 0 to 2, that holds the device's x, y, z */
    int32_t sign[3];  /**< +1 or -1, of that column */
    double rate_hz;   /**< stated rate; 0: not stated, up to four times the model's */
    double range;     /**< full scale in `unit`; 0: not stated */
} har_source_sensor;

/** How the device lies in the frame that the model was trained in. The first four turn or mirror
 * the device's own axes; x points right and y up along the screen, z out of it. */
enum {
    HAR_MOUNT_AS_TRAINED = 0,
    HAR_MOUNT_UPSIDE_DOWN = 1, /**< half a turn about z: the top edge points down */
    HAR_MOUNT_FACE_IN = 2,     /**< half a turn about y: the screen on the other side */
    HAR_MOUNT_OTHER_WRIST = 3, /**< a watch on the right wrist for a model of the left, or the other
                                    way: the mirror image in x of the movement */
    HAR_MOUNT_MATRIX = 4       /**< `matrix` */
};

/** The sensors of an app, and how the device is worn. */
typedef struct har_source {
    uint32_t struct_size;  /**< set by har_source_init */
    uint32_t preset;       /**< HAR_PRESET_* that it began as; not read */
    uint32_t sensor_count; /**< 1 to HAR_MAX_SENSORS */
    uint32_t mount;        /**< HAR_MOUNT_* */
    har_source_sensor sensors[HAR_MAX_SENSORS];
    double matrix[9]; /**< row after row, orthogonal to 1e-3: the model's axes from the device's; a
                           determinant of -1 mirrors, which turns rotation rates the other way */
} har_source;

/** What a source begins as: the sensors of a platform, in its units, signs and axes. */
enum {
    HAR_PRESET_CUSTOM = 0,         /**< no sensor; the caller states them */
    HAR_PRESET_ANDROID_SENSOR = 1, /**< TYPE_ACCELEROMETER (m/s^2), TYPE_GYROSCOPE (rad/s) */
    HAR_PRESET_IOS_CORE_MOTION_ACCELEROMETER = 2, /**< CMAccelerometerData (g, opposite sign),
                                                       CMGyroData (rad/s) */
    HAR_PRESET_IOS_DEVICE_MOTION = 3, /**< CMDeviceMotion: userAcceleration, gravity (g, opposite
                                           sign), rotationRate (rad/s) */
    HAR_PRESET_WEB_DEVICE_MOTION = 4, /**< accelerationIncludingGravity (m/s^2), rotationRate
                                           (deg/s) in the order alpha, beta, gamma */
    HAR_PRESET_WEB_DEVICE_MOTION_IOS = 5, /**< the same of Safari on iOS: acceleration of opposite
                                               sign */
    HAR_PRESET_UCI_HAR = 6                /**< accelerometer (g), gyroscope (rad/s), 50 Hz */
};

/** Fills `source` with a preset: sensor 0 accelerates, the last one rotates. An unknown preset
 * is HAR_PRESET_CUSTOM; where `struct_size` is too small nothing is filled. Since 0.1. */
HAR_API void har_source_init(har_source *source, uint32_t struct_size, uint32_t preset);

/** Why what arrives is not what the model expects, over about the last two seconds; rate,
 * clipping and stuck axes over the last second. */
enum {
    HAR_REASON_UNIT = 1u << 0,              /**< far too large or too small for the stated unit */
    HAR_REASON_RATE = 1u << 1,              /**< not the stated rate, or too sparse for the model */
    HAR_REASON_CLIPPING = 1u << 2,          /**< stays at the ends of its range */
    HAR_REASON_STUCK_AXIS = 1u << 3,        /**< one axis does not change while others do */
    HAR_REASON_GRAVITY_DIRECTION = 1u << 4, /**< down is where training never had it */
    HAR_REASON_ROTATION = 1u << 5,          /**< as with axes exchanged or turned round */
    HAR_REASON_GRAVITY = 1u << 6,      /**< gravity is missing, or there where it should not be */
    HAR_REASON_SENSOR_SILENT = 1u << 7 /**< a sensor has stopped */
};

/** The name of one HAR_REASON_* bit, "unit", "gravity_direction" and so on; NULL for anything else.
 * Since 0.1. */
HAR_API const char *har_reason_name(uint32_t reason);

/** A stream; har/stream.h. */
typedef struct har_stream har_stream;

/** Pushes `rows` readings of `columns` values of source sensor number `sensor`, with their times on
 * one clock for all sensors of the stream.
 *
 * Sensors are merged and brought to the model's rate: row k of a piece of recording is at its start
 * + k / rate seconds, in whole nanoseconds, and is made of the readings of each sensor around it by
 * band-limited interpolation. It is computed once every sensor has a reading later than eight
 * periods (of the model's rate, or of the slower sensor's) after it. The rows do not depend, bit
 * for bit, on how readings are cut into pushes, nor on the order of the sensors' pushes (but see
 * max_wait_ns of har_stream_config).
 *
 * A reading at the time of the one before it is skipped and counted. A hole of at most max_gap_ns
 * in a sensor is bridged; a longer one ends the piece: its windows are polled, then the signal
 * steps and the window begin anew, and the next event carries HAR_EVENT_AFTER_GAP.
 *
 * `*taken` says how many readings were taken from the front, skipped ones included. HAR_OK: all.
 * HAR_PARTIAL: the queue or the sensor's buffer is full; poll until HAR_AGAIN, push the other
 * sensors, then push the rest. Any error takes nothing and changes nothing.
 *
 * Errors: HAR_ERR_NULL, HAR_ERR_VALUE (sensor; a time beyond 2^62 either way; an array that is
 * not aligned), HAR_ERR_CHANNELS,
 * HAR_ERR_SAMPLE_NOT_FINITE, HAR_ERR_TIME_BACKWARDS, HAR_ERR_SOURCE (the stream has none),
 * HAR_ERR_FLUSHED. Since 0.1. */
HAR_API int32_t har_push_sensor(har_stream *stream, uint32_t sensor, const float *values,
                                size_t rows, uint32_t columns, const int64_t *times_ns,
                                size_t *taken, har_error *error);

#ifdef __cplusplus
}
#endif

#endif /* HAR_SOURCE_H */
