/* The same by way of a file: what is read, and what is said of files that are none. */
#include <unistd.h>

#include "exercise.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[64];
    if (!path[0]) snprintf(path, sizeof path, "/tmp/libhar-fuzz-%ld.har", (long)getpid());
    FILE *file = fopen(path, "wb");
    if (!file) abort();
    if (size > 0 && fwrite(data, 1, size, file) != size) abort();
    fclose(file);
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    const int32_t status = har_model_open_file(path, NULL, &model, &error);
    remove(path);
    PROMISE((status == HAR_OK) == (model != NULL));
    PROMISE(status == HAR_OK || (error.status == status && strlen(error.text) > 5));
    if (model) describe_model(model);
    har_model_release(model);
    return 0;
}
