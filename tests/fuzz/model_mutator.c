/* The mutator of targets whose input is a model file: mostly a field that has another value. */
#include "mutate.h"
#include "target.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    uint64_t random = seed;
    if (seed % 8 != 0 && mutate_model(data, size, &random)) return size;
    return LLVMFuzzerMutate(data, size, most);
}
