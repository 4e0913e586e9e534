/* The cells of recurrent layers, gate by gate. */
#include "kernels/body/tail.h"

/* hark_gate_power and the two curves of it. */
HARK_INLINE vf gate_power(vf t)
{
    const vf bounded = v_max(v_min(t, v_all(126.0f)), v_all(-126.0f));
    const vi n = v_round(bounded);
    const vf r = v_sub(bounded, vi_to_f32(n));
    vf p = v_all(1.5345811916e-4f);
    p = v_add(v_mul(p, r), v_all(1.3399931219e-3f));
    p = v_add(v_mul(p, r), v_all(9.6184889574e-3f));
    p = v_add(v_mul(p, r), v_all(5.5503287770e-2f));
    p = v_add(v_mul(p, r), v_all(2.4022646891e-1f));
    p = v_add(v_mul(p, r), v_all(6.9314720574e-1f));
    p = v_add(v_mul(p, r), v_all(1.0f));
    return v_mul(p, v_power_of_2(n));
}

HARK_INLINE vf gate_sigmoid(vf x)
{
    const vf one = v_all(1.0f);
    return v_div(one, v_add(one, gate_power(v_mul(x, v_all(-HARK_LOG2_E)))));
}

HARK_INLINE vf gate_tanh(vf x)
{
    const vf one = v_all(1.0f);
    const vf e = gate_power(v_mul(x, v_all(-2.0f * HARK_LOG2_E)));
    return v_div(v_sub(one, e), v_add(one, e));
}

static void sigmoid_of_sum(const float *p, float *r, size_t n)
{
    for (size_t i = 0; i < n; i += HARK_LANES)
        v_store(r + i, gate_sigmoid(v_add(v_load(p + i), v_load(r + i))));
}

static void tanh_of_sum(const float *p, float *r, size_t n)
{
    for (size_t i = 0; i < n; i += HARK_LANES)
        v_store(r + i, gate_tanh(v_add(v_load(p + i), v_load(r + i))));
}

static void lstm(size_t wide, const float *p, float *r, float *h, float *c)
{
    sigmoid_of_sum(p, r, 2 * wide);
    tanh_of_sum(p + 2 * wide, r + 2 * wide, wide);
    sigmoid_of_sum(p + 3 * wide, r + 3 * wide, wide);
    for (size_t i = 0; i < wide; i += HARK_LANES) {
        const vf kept = v_mul(v_load(r + wide + i), v_load(c + i));
        const vf added = v_mul(v_load(r + i), v_load(r + 2 * wide + i));
        const vf state = v_add(kept, added);
        v_store(c + i, state);
        v_store(h + i, v_mul(v_load(r + 3 * wide + i), gate_tanh(state)));
    }
}

/* h of the update gate and the candidate. */
HARK_INLINE vf mixed(vf update, vf candidate, vf h)
{
    return v_add(v_mul(v_sub(v_all(1.0f), update), candidate), v_mul(update, h));
}

/* The reset gate after the product. */
static void gru(size_t wide, const float *p, float *r, float *h)
{
    sigmoid_of_sum(p, r, 2 * wide);
    for (size_t i = 0; i < wide; i += HARK_LANES) {
        const vf state = v_mul(v_load(r + i), v_load(r + 2 * wide + i));
        const vf candidate = gate_tanh(v_add(v_load(p + 2 * wide + i), state));
        v_store(r + 2 * wide + i, candidate);
        v_store(h + i, mixed(v_load(r + wide + i), candidate, v_load(h + i)));
    }
}

static void multiply_by(uint32_t wide, const float *a, const float *b, float *y)
{
    for (size_t i = 0; i < wide; i += HARK_LANES)
        v_store(y + i, v_mul(v_load(a + i), v_load(b + i)));
}

void HARK_NAME(cells_f32)(hark_cell cell, uint32_t wide, const float *p, float *r, float *h,
                          float *kept)
{
    switch (cell) {
    case HARK_CELL_TANH:
        tanh_of_sum(p, r, wide);
        memcpy(h, r, wide * sizeof *h);
        break;
    case HARK_CELL_RELU:
        for (size_t i = 0; i < wide; i += HARK_LANES)
            v_store(h + i, v_max(v_add(v_load(p + i), v_load(r + i)), v_all(0.0f)));
        break;
    case HARK_CELL_LSTM: lstm(wide, p, r, h, kept); break;
    case HARK_CELL_GRU: gru(wide, p, r, h); break;
    case HARK_CELL_GRU_GATES:
        sigmoid_of_sum(p, r, 2 * wide);
        multiply_by(wide, r, h, kept);
        memcpy(kept + wide, r + wide, wide * sizeof *kept);
        break;
    case HARK_CELL_GRU_CANDIDATE:
        tanh_of_sum(p, r, wide);
        for (size_t i = 0; i < wide; i += HARK_LANES)
            v_store(h + i, mixed(v_load(kept + wide + i), v_load(r + i), v_load(h + i)));
        break;
    }
    v_end();
}
