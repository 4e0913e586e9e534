#include "csv.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "plain_text.h"

void csv_begin(csv_reader *csv, FILE *file)
{
    csv->file = file;
    csv->line = 0;
    csv->cell_count = 0;
    csv->message[0] = '\0';
}

/* Reads one line without its end into `text`. getc, for it returns as soon as the byte is there. */
static csv_result read_line(csv_reader *csv, size_t *size)
{
    size_t used = 0;
    int byte;
    csv->line++;
    while ((byte = getc(csv->file)) != EOF && byte != '\n') {
        if (used == CSV_LINE_BYTES - 1) {
            snprintf(csv->message, sizeof csv->message, "the line is longer than %d bytes",
                     CSV_LINE_BYTES - 1);
            return CSV_ERROR;
        }
        csv->text[used++] = (char)byte;
    }
    if (byte == EOF && ferror(csv->file)) {
        snprintf(csv->message, sizeof csv->message, "cannot be read: %s", strerror(errno));
        return CSV_ERROR;
    }
    if (byte == EOF && used == 0) return CSV_END;
    if (used > 0 && csv->text[used - 1] == '\r') used--;
    csv->text[used] = '\0';
    *size = used;
    return CSV_ROW;
}

static char *skip_blanks(char *text)
{
    while (*text == ' ' || *text == '\t') text++;
    return text;
}

/* Takes the quotes off the cell that begins at `start`; returns what follows it, NULL when the
 * closing quote is missing. */
static char *unquote(char *start)
{
    char *out = start;
    for (char *in = start + 1; *in != '\0'; in++) {
        if (*in == '"') {
            if (in[1] != '"') {
                char *rest = skip_blanks(in + 1);
                *out = '\0'; /* before or at `in`, so `rest` keeps its byte */
                return rest;
            }
            in++;
        }
        *out++ = *in;
    }
    return NULL;
}

/* Ends the plain cell that begins at `start`; returns the comma or the end of the line. */
static char *trim(char *start, char *end)
{
    char *last = end;
    while (last > start && (last[-1] == ' ' || last[-1] == '\t')) last--;
    if (last != end) *last = '\0';
    return end;
}

static csv_result split_cells(csv_reader *csv, char *text)
{
    csv->cell_count = 0;
    for (char *start = text;;) {
        start = skip_blanks(start);
        if (csv->cell_count == CSV_MAX_CELLS) {
            snprintf(csv->message, sizeof csv->message, "the line has more than %d cells",
                     CSV_MAX_CELLS);
            return CSV_ERROR;
        }
        csv->cells[csv->cell_count++] = start;
        char *end = *start == '"' ? unquote(start) : trim(start, start + strcspn(start, ","));
        if (end == NULL || (*end != ',' && *end != '\0')) {
            snprintf(csv->message, sizeof csv->message,
                     "cell %zu: the quotes are not closed where the cell ends", csv->cell_count);
            return CSV_ERROR;
        }
        bool last = *end == '\0';
        *end = '\0';
        if (last) return CSV_ROW;
        start = end + 1;
    }
}

csv_result csv_read(csv_reader *csv)
{
    for (;;) {
        size_t size;
        csv_result result = read_line(csv, &size);
        if (result != CSV_ROW) return result;
        char *text = csv->text;
        if (csv->line == 1 && size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
            text += 3;
            size -= 3;
        }
        const char *problem = find_text_problem(text, size);
        if (problem != NULL) {
            snprintf(csv->message, sizeof csv->message, "the line holds %s", problem);
            return CSV_ERROR;
        }
        char *first = skip_blanks(text);
        if (*first != '\0' && *first != '#') return split_cells(csv, first);
    }
}
