/* XNNPACK behind a wall: its types stay in xnnpack.c. Where the library is built without it,
 * xnnpack_absent.c says so. */
#ifndef HARI_EXEC_XNNPACK_H
#define HARI_EXEC_XNNPACK_H

#include "exec/part.h"

/* A part made ready for one arena: XNNPACK's operators with their packed weights. Allocated by
 * XNNPACK itself. One thread at a time. */
typedef struct hari_runtime hari_runtime;

/* Whether XNNPACK is in the library and runs on this machine. Any thread. */
bool hari_xnnpack_runs(void);

/* The bytes past a tensor that XNNPACK may read. */
size_t hari_xnnpack_slack(void);

/* The part on tensors in `arena`, which must stay, as must the part; NULL where XNNPACK refuses the
 * part or has no memory. */
hari_runtime *hari_runtime_create(const hari_part *part, unsigned char *arena);

/* Computes the part; allocates nothing. False where XNNPACK did not run it and nothing was written.
 */
bool hari_runtime_run(hari_runtime *runtime);

void hari_runtime_delete(hari_runtime *runtime); /* NULL is allowed */

#endif /* HARI_EXEC_XNNPACK_H */
