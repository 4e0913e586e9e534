/* What a stream needs to know of a model: the parts that samples pass through, all read-only. */
#ifndef HARI_STREAM_RECOGNIZER_H
#define HARI_STREAM_RECOGNIZER_H

#include "decide/decide.h"
#include "exec/exec.h"
#include "signal/chain.h"
#include "signal/contract.h"
#include "stream/gate.h"

typedef struct hari_recognizer {
    hari_table signal; /* of the file */
    hari_chain chain;
    hari_contracts contracts;
    bool has_network;
    hari_graph graph;
    hari_plan plan;
    hari_plan reuse; /* of overlapping windows (plan/reuse.h); no steps: there is none */
    hari_division division;
    hari_decision decision;
    hari_gate gate;
    const char **class_names;
    uint32_t class_count;
    uint32_t window; /* samples */
    uint32_t hop;    /* samples */
    double rate_hz;
} hari_recognizer;

#endif /* HARI_STREAM_RECOGNIZER_H */
