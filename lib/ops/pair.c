#include "ops/pair.h"

#include "base/error.h"

/* The larger of two sizes that are the same, or of which one is 1. */
static int32_t meet(const hari_graph *graph, const hari_node *node, uint32_t first, uint32_t second,
                    const char *what, uint32_t *size, har_error *error)
{
    *size = first > second ? first : second;
    if (first == second || first == 1 || second == 1) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, second, "1 or", first,
                           "%s (%s) inputs[1] %s", hari_path_of(graph, node).text,
                           hari_op_name(node->kind), what);
}

/* Of the type of input 0, computed, or a matrix that the file holds. */
static int32_t check_second(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const hari_dtype dtype = hari_input(graph, node, 0)->dtype;
    const hari_tensor *b = hari_input(graph, node, 1);
    if (!b->data) return hari_expect_computed(graph, node, 1, dtype, dtype, error);
    int32_t status = hari_expect_constant(graph, node, 1, dtype, b->elements, error);
    if (status != HAR_OK) return status;
    const bool is_rank = b->rank > 2;
    if (!is_rank && b->scale_count <= 1) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, is_rank ? b->rank : b->scale_count,
                           "at most", is_rank ? 2 : 1, "%s (%s) inputs[1] %s",
                           hari_path_of(graph, node).text, hari_op_name(node->kind),
                           is_rank ? "rank" : "scales count");
}

int32_t hari_pair_check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 2, 2, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    if (status != HAR_OK) return status;
    const hari_tensor *a = hari_input(graph, node, 0);
    const hari_tensor *b = hari_input(graph, node, 1);
    uint32_t rows;
    uint32_t columns;
    status = check_second(graph, node, error);
    if (status == HAR_OK) status = meet(graph, node, a->rows, b->rows, "rows", &rows, error);
    if (status == HAR_OK)
        status = meet(graph, node, a->columns, b->columns, "columns", &columns, error);
    if (status != HAR_OK) return status;
    return hari_expect_output(graph, node, a->dtype, rows, columns, error);
}

/* Products that take as long as a value. */
enum { VALUE_WORK = 8 };

/* What the kernels take as `a` (0) or as `b` (1), of the computed inputs of the step. */
static const void *operand(const hari_pair *pair, const void *const *inputs, uint32_t which)
{
    const uint32_t input = pair->is_swapped ? 1 - which : which;
    return input == 1 && pair->constant ? pair->constant : inputs[input];
}

void hari_pair_run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const hari_pair *pair = step->prepared;
    pair->run_part(step, &pair->shape, operand(pair, inputs, 0), operand(pair, inputs, 1), output);
}

/* The ends of the rows, of a pair that is whole. */
static void run_again(const hari_step *step, const hari_again *again)
{
    const hari_pair *pair = step->prepared;
    const size_t row = pair->columns * hari_dtype_size(pair->dtype);
    const unsigned char *a = again->inputs[pair->is_swapped];
    const unsigned char *b = again->inputs[!pair->is_swapped];
    const hark_pair head = {1, again->ends.head * pair->columns, 0, 0, false};
    const hark_pair tail = {1, (again->rows - again->ends.tail) * pair->columns, 0, 0, false};
    const size_t at = again->ends.tail * row;
    if (head.columns > 0) pair->run_part(step, &head, a, b, again->output);
    if (tail.columns > 0)
        pair->run_part(step, &tail, a + at, b + at, (unsigned char *)again->output + at);
}

hari_pair hari_pair_prepare(hari_step *step, const hari_graph *graph, hari_pair_part *run_part)
{
    const hari_tensor *a = hari_input(graph, step->node, 0);
    const hari_tensor *b = hari_input(graph, step->node, 1);
    const hari_tensor *y = hari_output(graph, step->node);
    step->weight_bytes = b->data ? hari_tensor_bytes(b) : 0;
    hari_pair pair = {.dtype = y->dtype,
                      .run_part = run_part,
                      .constant = b->data,
                      .bounds = hari_activation_bounds(step->fused.activation, y),
                      .is_swapped = a->columns < b->columns ||
                                    (a->columns == b->columns && a->rows < b->rows)};
    /* The rows of a constant stay where they are when the window moves on. */
    if (!pair.constant || b->rows == 1) hari_goes_by_rows(step);
    if (pair.is_swapped) {
        const hari_tensor *larger = b;
        b = a;
        a = larger;
    }
    const bool is_b_whole = b->elements == y->elements;
    pair.is_whole = a->elements == y->elements && is_b_whole && !pair.constant;
    pair.columns = y->columns;
    if (a->elements == y->elements && (is_b_whole || b->elements == 1))
        pair.shape = (hark_pair){1, (uint32_t)y->elements, 0, 0, !is_b_whole};
    else
        pair.shape = (hark_pair){y->rows, y->columns, a->rows > 1 ? a->columns : 0,
                                 b->rows > 1 ? b->columns : 0, b->columns < y->columns};
    if (pair.is_whole) {
        step->run_again = run_again;
        step->row_work = VALUE_WORK * (uint64_t)pair.columns;
    }
    return pair;
}
