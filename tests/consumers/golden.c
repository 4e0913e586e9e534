/* What every consumer builds: reproduces the golden vectors of the models named, with a library
 * whose version is that of the header. */
#include <stdio.h>

#include <har/har.h>

static int32_t reproduce(const char *path, har_error *error)
{
    har_model *model = NULL;
    int32_t status = har_model_open_file(path, NULL, &model, error);
    har_selftest report = {.struct_size = sizeof report};
    if (status == HAR_OK) status = har_model_selftest(model, &report, error);
    if (status == HAR_OK)
        printf("%s: %u golden vectors\n", har_model_text(model, HAR_TEXT_NAME), report.checked);
    har_model_release(model);
    return status;
}

int main(int argc, char **argv)
{
    const uint32_t wanted = HAR_VERSION_MAJOR << 16 | HAR_VERSION_MINOR << 8 | HAR_VERSION_PATCH;
    if (har_version() != wanted || argc < 2) return 2;
    har_error error;
    har_error_init(&error, sizeof error);
    for (int i = 1; i < argc; i++) {
        if (reproduce(argv[i], &error) == HAR_OK) continue;
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    return 0;
}
