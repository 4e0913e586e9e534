/* The head of a flight file: of which model and configuration the records are. */
#ifndef FLIGHT_HEAD_H
#define FLIGHT_HEAD_H

#include <har/har.h>

#include "codec.h"

enum { FLIGHT_MAJOR = 1, FLIGHT_MINOR = 0, FLIGHT_HEAD_BYTES = 1344, FLIGHT_NAME = 64 };

typedef struct hari_flight_head {
    uint32_t library; /* har_version() */
    uint32_t numeric; /* HAR_NUMERIC_* */
    uint32_t channel_count;
    uint32_t class_count;
    uint32_t window;
    uint32_t model_hop;
    double rate_hz;
    uint64_t file_bytes;
    char name[FLIGHT_NAME];
    char version[FLIGHT_NAME];
    char kernels[FLIGHT_NAME]; /* instruction sets of the plan's steps, "avx2 ref" */
    har_stream_config config;  /* its pointers stand for these two */
    uint32_t has_decision;
    har_decision_config decision;
    uint32_t has_source;
    har_source source;
} hari_flight_head;

/* What the model and the config are. False where the model cannot tell. */
bool hari_flight_head_of(hari_flight_head *head, const har_model *model,
                         const har_stream_config *config);

/* FLIGHT_HEAD_BYTES, to or from bytes; false where they are none of ours. `problem` says why. */
bool hari_flight_head_code(hari_flight_codec *codec, hari_flight_head *head, const char **problem);

/* The config that the head holds, with pointers into the head. */
har_stream_config hari_flight_config_of(const hari_flight_head *head);

/* Samples between windows. */
uint32_t hari_flight_hop_of(const hari_flight_head *head);

/* "" where the model is the head's; else what differs. */
const char *hari_flight_other_model(const hari_flight_head *head, const har_model *model);

#endif /* FLIGHT_HEAD_H */
