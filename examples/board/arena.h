/* All memory of the recognizer: one array, set aside at link time. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

#include "har/allocator.h"

/* Takes from the front and gives the last piece back: the library frees in the opposite order. */
har_allocator arena_allocator(void);

size_t arena_bytes(void); /* set aside */
size_t arena_used(void);  /* now */
size_t arena_peak(void);  /* most at once */

#endif /* ARENA_H */
