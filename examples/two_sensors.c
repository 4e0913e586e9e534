/* Sensors that arrive one by one, in a phone's own units and at rates of their own.
 *
 *     two_sensors models/hapt_gru.har
 */
#include <stdio.h>

#include "har/har.h"

enum { ACCELEROMETER = 0, GYROSCOPE = 1, BURST = 20 };

/* A phone that lies still: a burst of readings of one sensor, from number `first` on. */
static int32_t push(har_stream *stream, uint32_t sensor, double rate_hz, int64_t first,
                    har_error *error)
{
    const float still[2][3] = {{0.0f, 0.0f, 9.81f}, {0.0f, 0.0f, 0.0f}}; /* m/s^2, rad/s */
    float values[BURST][3];
    int64_t times_ns[BURST];
    for (int64_t i = 0; i < BURST; i++) {
        for (int axis = 0; axis < 3; axis++) values[i][axis] = still[sensor][axis];
        times_ns[i] = (int64_t)((double)(first + i) * 1e9 / rate_hz);
    }
    size_t taken;
    return har_push_sensor(stream, sensor, values[0], BURST, 3, times_ns, &taken, error);
}

/* Pushes bursts of both sensors until a label is there. */
static int32_t first_label(har_stream *stream, har_event *event, har_error *error)
{
    int32_t status = HAR_AGAIN;
    for (int64_t at = 0; status == HAR_AGAIN; at += BURST) {
        status = push(stream, ACCELEROMETER, 104.0, at, error);
        if (status >= 0) status = push(stream, GYROSCOPE, 99.0, at, error);
        if (status >= 0) status = har_poll_label(stream, event, error);
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: two_sensors MODEL\n");
        return 2;
    }
    har_source source;
    har_source_init(&source, sizeof source, HAR_PRESET_ANDROID_SENSOR);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.source = &source;

    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    har_stream *stream = NULL;
    int32_t status = har_model_open_file(argv[1], NULL, &model, &error);
    if (status == HAR_OK) status = har_stream_create(model, &config, &stream, &error);
    har_event event = {.struct_size = sizeof event};
    if (status == HAR_OK) status = first_label(stream, &event, &error);
    if (status == HAR_OK)
        printf("%s, %.0f %% sure\n", event.name, (double)event.confidence * 100.0);
    else
        fprintf(stderr, "%s\n", error.text);
    har_stream_destroy(stream);
    har_model_release(model);
    return status == HAR_OK ? 0 : 1;
}
