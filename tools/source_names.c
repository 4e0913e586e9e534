#include "source_names.h"

#include <stddef.h>
#include <string.h>

typedef struct named {
    const char *name;
    uint32_t number;
} named;

static const named presets[] = {
    {"android_sensor", HAR_PRESET_ANDROID_SENSOR},
    {"ios_core_motion_accelerometer", HAR_PRESET_IOS_CORE_MOTION_ACCELEROMETER},
    {"ios_device_motion", HAR_PRESET_IOS_DEVICE_MOTION},
    {"web_device_motion", HAR_PRESET_WEB_DEVICE_MOTION},
    {"web_device_motion_ios", HAR_PRESET_WEB_DEVICE_MOTION_IOS},
    {"uci_har", HAR_PRESET_UCI_HAR},
};

const char preset_names[] = "android_sensor, ios_core_motion_accelerometer, ios_device_motion, "
                            "web_device_motion, web_device_motion_ios, uci_har";

static const named sensors[] = {
    {"accelerometer", HAR_SENSOR_ACCELEROMETER},
    {"gyroscope", HAR_SENSOR_GYROSCOPE},
    {"magnetometer", HAR_SENSOR_MAGNETOMETER},
    {"gravity", HAR_SENSOR_GRAVITY},
    {"linear_acceleration", HAR_SENSOR_LINEAR_ACCELERATION},
};

static const named *find(const named *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0) return &list[i];
    return NULL;
}

bool source_named(const char *name, har_source *source)
{
    const named *preset = find(presets, sizeof presets / sizeof presets[0], name);
    if (preset == NULL) return false;
    har_source_init(source, sizeof *source, preset->number);
    return true;
}

int32_t sensor_named(const har_source *source, const char *name)
{
    const named *sensor = find(sensors, sizeof sensors / sizeof sensors[0], name);
    for (uint32_t i = 0; sensor != NULL && i < source->sensor_count; i++)
        if (source->sensors[i].kind == sensor->number) return (int32_t)i;
    return -1;
}
