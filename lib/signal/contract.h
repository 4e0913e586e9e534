/* The running check: does what arrives look like what the model states and was trained on? It looks
 * at the channels of each accelerometer, and of the gyroscope beside it, over the last two seconds.
 * docs/design/source.md has the rules; bindings/python/libhar/contract.py makes the file's tables.
 */
#ifndef HARI_SIGNAL_CONTRACT_H
#define HARI_SIGNAL_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "har/status.h"
#include "model/wire.h"

enum {
    HARI_LOOK_BLOCKS = 4,
    HARI_LOOK_SIGNALS = 9, /* acceleration, rotation, the acceleration's derivative: x y z each */
    HARI_LOOK_PRODUCTS = 45,
    HARI_CUBE_BYTES = 48,
    HARI_AXES_FEATURES = 57
};

typedef struct hari_contract {
    uint16_t acceleration[3]; /* channels x, y, z */
    uint16_t rotation[3];
    bool has_rotation;
    bool has_gravity; /* an accelerometer, not a linear acceleration */
    double acceleration_scale;
    double rotation_scale; /* to SI units */
    hari_table learned;    /* of the file; absent: the general rules alone */
} hari_contract;

typedef struct hari_contracts {
    hari_contract *list;
    uint32_t count;
    uint32_t block; /* rows */
    double rate_hz;
    double low_step; /* of the low-pass filter */
} hari_contracts;

/* From the channels and contracts of a Signal table. Errors: HAR_ERR_FILE_MEANING, HAR_ERR_MEMORY.
 */
int32_t hari_contracts_build(hari_contracts *contracts, hari_table signal, double rate_hz,
                             hari_pool *pool, har_error *error);

typedef struct hari_block {
    double size; /* sum of |acceleration| */
    double sums[HARI_LOOK_SIGNALS];
    double products[HARI_LOOK_PRODUCTS];
} hari_block;

typedef struct hari_contract_state {
    double low[HARI_LOOK_SIGNALS]; /* the last row of signals */
    hari_block blocks[HARI_LOOK_BLOCKS];
    uint32_t begun; /* blocks, with the one that fills */
    uint32_t rows;  /* in that one */
    uint32_t reasons;
} hari_contract_state;

/* The stretch begins anew. `states` has one for each contract. */
void hari_contracts_reset(const hari_contracts *contracts, hari_contract_state *states);

/* One sample of all channels; the HAR_REASON_* of the last look. */
uint32_t hari_contracts_push(const hari_contracts *contracts, hari_contract_state *states,
                             const float *sample);

#endif /* HARI_SIGNAL_CONTRACT_H */
