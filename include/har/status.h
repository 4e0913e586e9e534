/** @file
 * Status codes and the error record. Part of the public API of libhar.
 *
 * Every function that can fail returns an int32_t status: 0 is done, positive values are normal
 * outcomes, negative values are errors. The numbers are pinned and never change meaning; each block
 * leaves room for more:
 *
 *     -1 to -19   arguments of the call
 *     -20 to -39  memory and files
 *     -40 to -59  the model file
 *     -60 to -79  the samples
 *     -80 to -99  order of calls
 */
#ifndef HAR_STATUS_H
#define HAR_STATUS_H

#include <stdint.h>

#include "har/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** X(name, number, text): the one list from which the enum, the names and the texts are made. */
#define HAR_STATUS_LIST(X)                                                                     \
    X(HAR_OK, 0, "done")                                                                       \
    X(HAR_AGAIN, 1, "no label is due yet; push more samples")                                  \
    X(HAR_PARTIAL, 2, "fewer samples were taken than given; poll labels, then push the rest")  \
    X(HAR_ERR_NULL, -1, "a required pointer is null")                                          \
    X(HAR_ERR_STRUCT_SIZE, -2, "a struct was not initialised with its size")                   \
    X(HAR_ERR_VALUE, -3, "an argument is outside its range")                                   \
    X(HAR_ERR_CHANNELS, -4, "the channel count is not the model's")                            \
    X(HAR_ERR_ROWS, -5, "the number of rows is not the model's window")                        \
    X(HAR_ERR_MEMORY, -20, "the allocator returned no memory")                                 \
    X(HAR_ERR_ARENA_TOO_SMALL, -21, "the arena is smaller than the stream needs")              \
    X(HAR_ERR_FILE_OPEN, -22, "the file cannot be opened")                                     \
    X(HAR_ERR_FILE_READ, -23, "the file cannot be read to its end")                            \
    X(HAR_ERR_FILE_TRUNCATED, -40, "the file is too short to be a model")                      \
    X(HAR_ERR_FILE_IDENTIFIER, -41, "the file does not carry the identifier HARM")             \
    X(HAR_ERR_FILE_VERSION, -42, "the file needs another version of libhar")                   \
    X(HAR_ERR_FILE_FEATURE, -43, "the file requires a feature this libhar lacks")              \
    X(HAR_ERR_FILE_WIRE, -44, "the file is damaged: an offset, length or alignment is wrong")  \
    X(HAR_ERR_FILE_MEANING, -45, "the file holds a value outside its allowed range")           \
    X(HAR_ERR_NO_NETWORK, -46, "the model holds no network, it serves preprocessing alone")    \
    X(HAR_ERR_NO_GOLDEN, -47, "the model holds no golden vectors")                             \
    X(HAR_ERR_GOLDEN_MISMATCH, -48, "a golden vector was not reproduced")                      \
    X(HAR_ERR_FILE_CHECKSUM, -49, "the file is damaged: its checksum is wrong")                \
    X(HAR_ERR_SAMPLE_NOT_FINITE, -60, "a sample is NaN or infinite")                           \
    X(HAR_ERR_TIME_BACKWARDS, -61, "a timestamp is not later than the one before it")          \
    X(HAR_ERR_TIME_MIXED, -62, "pushes with and without timestamps cannot follow each other")  \
    X(HAR_ERR_FLUSHED, -80, "the stream was flushed; reset it before pushing again")           \
    X(HAR_ERR_SOURCE, -81, "only a stream with a source takes har_push_sensor, and only that") \
    X(HAR_ERR_NO_WINDOW, -82, "the stream holds no window that it computed")

/** What functions return, as int32_t; the words of each are in HAR_STATUS_LIST. */
typedef enum har_status {
#define HAR_STATUS_ENUM(name, number, text) name = (number),
    HAR_STATUS_LIST(HAR_STATUS_ENUM)
#undef HAR_STATUS_ENUM
} har_status;

/** The identifier of a status, as "HAR_ERR_NULL"; "HAR_ERR_UNKNOWN" for a number not in the list.
 * The string is static. Any thread. Since 0.1. */
HAR_API const char *har_status_name(int32_t status);

/** One English sentence about a status. The string is static. Any thread. Since 0.1. */
HAR_API const char *har_status_text(int32_t status);

/** `byte` of an error that is at no byte of a file. */
#define HAR_NO_BYTE UINT64_MAX

/** What went wrong: which field, which value, which bound, at which byte of the file.
 * Every function that takes a `har_error *` accepts NULL; after HAR_OK or a positive status the
 * record is left as it was. The record belongs to the caller. */
typedef struct har_error {
    uint32_t struct_size; /**< sizeof(har_error), set by har_error_init */
    int32_t status;       /**< the status that was returned */
    uint64_t byte;        /**< offset in the model file, or HAR_NO_BYTE */
    double value;         /**< the value found; NaN where a number makes no sense */
    double bound;         /**< the bound it broke; NaN where a number makes no sense */
    char field[96];       /**< as "graph.ops[3].inputs[1]" */
    char text[256];       /**< a sentence for people with field, value and bound */
} har_error;

/** Prepares an error record; `struct_size` is sizeof(har_error) of the caller. Since 0.1. */
HAR_API void har_error_init(har_error *error, uint32_t struct_size);

#ifdef __cplusplus
}
#endif

#endif /* HAR_STATUS_H */
