/* Lines of comma-separated cells from anywhere. */
#include "../../tools/csv.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static csv_reader csv;
    if (size == 0) return 0;
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "rb");
    if (!file) return 0;
    csv_begin(&csv, file);
    csv_result result;
    uint64_t line = 0;
    while ((result = csv_read(&csv)) == CSV_ROW) {
        PROMISE(csv.line > line && csv.cell_count >= 1 && csv.cell_count <= CSV_MAX_CELLS);
        line = csv.line;
        size_t letters = 0;
        for (size_t i = 0; i < csv.cell_count; i++) letters += strlen(csv.cells[i]);
        PROMISE(letters < CSV_LINE_BYTES);
    }
    PROMISE(result == CSV_END || strlen(csv.message) > 5);
    fclose(file);
    return 0;
}
