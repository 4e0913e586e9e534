/* Joins tensors by rows (axis 0) or by columns (axis 1). */
#include <string.h>

#include "base/error.h"
#include "ops/list.h"

typedef struct prepared {
    size_t chunks;       /* runs of bytes that are taken from each input in turn */
    size_t *chunk_bytes; /* of each input */
} prepared;

static int32_t check_input(const hari_graph *graph, const hari_node *node, uint32_t i,
                           uint64_t *rows, uint64_t *columns, har_error *error)
{
    const hari_tensor *first = hari_input(graph, node, 0);
    const hari_tensor *x = hari_input(graph, node, i);
    int32_t status = hari_expect_computed(graph, node, i, first->dtype, first->dtype, error);
    if (status == HAR_OK) status = hari_expect_same_codes(graph, node, i, error);
    if (status != HAR_OK) return status;
    uint32_t found = node->axis == 0 ? x->columns : x->rows;
    uint32_t wanted = node->axis == 0 ? first->columns : first->rows;
    if (found != wanted)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, found, "equal to", wanted,
                               "%s (concat) inputs[%u] %s", hari_path_of(graph, node).text, i,
                               node->axis == 0 ? "columns" : "rows");
    *rows = node->axis == 0 ? *rows + x->rows : x->rows;
    *columns = node->axis == 0 ? x->columns : *columns + x->columns;
    return HAR_OK;
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    uint64_t rows = 0;
    uint64_t columns = 0;
    int32_t status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    for (uint32_t i = 0; i < node->input_count && status == HAR_OK; i++)
        status = check_input(graph, node, i, &rows, &columns, error);
    if (status != HAR_OK) return status;
    return hari_expect_output(graph, node, hari_input(graph, node, 0)->dtype, rows, columns, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    const hari_node *node = step->node;
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    p->chunk_bytes = hari_pool_alloc(pool, node->input_count, sizeof *p->chunk_bytes);
    if (!p->chunk_bytes) return hari_fail(error, HAR_ERR_MEMORY, "concat");
    if (node->axis != 0) hari_goes_by_rows(step);
    p->chunks = node->axis == 0 ? 1 : hari_output(graph, node)->rows;
    for (uint32_t i = 0; i < node->input_count; i++)
        p->chunk_bytes[i] = hari_tensor_bytes(hari_input(graph, node, i)) / p->chunks;
    step->isa = "ref";
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    unsigned char *to = output;
    for (size_t chunk = 0; chunk < p->chunks; chunk++)
        for (uint32_t i = 0; i < step->input_count; i++) {
            const unsigned char *from = inputs[i];
            memcpy(to, from + chunk * p->chunk_bytes[i], p->chunk_bytes[i]);
            to += p->chunk_bytes[i];
        }
}

const hari_op hari_concat_op = {.check = check, .prepare = prepare, .run = run};
