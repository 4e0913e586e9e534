/* A model file from anywhere: opened from memory, described, run. */
#include "exercise.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static outcome o;
    void *bytes = NULL;
    if (posix_memalign(&bytes, 64, size > 0 ? size : 1) != 0) return 0;
    if (size > 0) memcpy(bytes, data, size);
    usage memory = {0};
    run_bytes(bytes, size, &memory, &o);
    PROMISE(o.status == HAR_OK || is_refused(&o));
    PROMISE(memory.bytes == 0);
    PROMISE(memory.most <= most_memory(size));
    free(bytes);
    return 0;
}
