/* Two events, field by field, bit for bit. */
#ifndef FLIGHT_COMPARE_H
#define FLIGHT_COMPARE_H

#include "record.h"

typedef struct hari_flight_compared {
    char field[48]; /* the first that differs */
    double first;
    double second;
} hari_flight_compared;

/* A recorded event with another one, or where that is NULL with one that was just polled. Names and
 * numbers of samples aside. */
bool hari_flight_compare_events(const hari_flight_record *recorded, const hari_flight_record *other,
                                const har_event *polled, hari_flight_compared *compared);

#endif /* FLIGHT_COMPARE_H */
