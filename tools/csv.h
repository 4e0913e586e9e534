/* Lines of comma-separated cells, read one at a time as they arrive.
 *
 * Cells may be in double quotes ("" inside stands for one); blanks around a cell do not count;
 * empty lines and lines that begin with '#' are passed over; lines end with LF or CR LF; a UTF-8
 * byte order mark is allowed. A quoted cell ends on its line. */
#ifndef HAR_TOOLS_CSV_H
#define HAR_TOOLS_CSV_H

#include <stdint.h>
#include <stdio.h>

enum {
    CSV_LINE_BYTES = 65536, /* the longest line is one byte shorter */
    CSV_MAX_CELLS = 2048,
    CSV_MESSAGE_BYTES = 512
};

typedef enum csv_result { CSV_ROW, CSV_END, CSV_ERROR } csv_result;

/* Belongs to the caller; the file too. */
typedef struct csv_reader {
    FILE *file;
    uint64_t line; /* number of the line last read, from 1 */
    size_t cell_count;
    char *cells[CSV_MAX_CELLS]; /* into `text`, valid until the next csv_read */
    char text[CSV_LINE_BYTES];
    char message[CSV_MESSAGE_BYTES]; /* what went wrong, after CSV_ERROR */
} csv_reader;

void csv_begin(csv_reader *csv, FILE *file);

/* The next line that holds cells. */
csv_result csv_read(csv_reader *csv);

#endif /* HAR_TOOLS_CSV_H */
