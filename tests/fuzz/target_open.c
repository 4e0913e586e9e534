/* A model file from anywhere: opened from memory, described, run. */
#include "exercise.h"
#include "mutate.h"
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

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    uint64_t random = seed;
    if (seed % 8 != 0 && mutate_model(data, size, &random)) return size;
    return LLVMFuzzerMutate(data, size, most);
}
