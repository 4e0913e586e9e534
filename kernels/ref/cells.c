/* The cells of recurrent layers: RNN (Elman 1990), LSTM without peepholes (Hochreiter and
 * Schmidhuber 1997, with the forget gate of Gers et al. 2000), GRU (Cho et al. 2014). The formulas
 * are in numbers.md. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

static void lstm(uint32_t wide, const float *p, const float *r, float *h, float *c)
{
    for (uint32_t i = 0; i < wide; i++) {
        const float input = hark_gate_sigmoid(p[i] + r[i]);
        const float forget = hark_gate_sigmoid(p[wide + i] + r[wide + i]);
        const float candidate = hark_gate_tanh(p[2 * wide + i] + r[2 * wide + i]);
        const float output = hark_gate_sigmoid(p[3 * wide + i] + r[3 * wide + i]);
        c[i] = forget * c[i] + input * candidate;
        h[i] = output * hark_gate_tanh(c[i]);
    }
}

static float gru_state(float update, float candidate, float before)
{
    return (1.0f - update) * candidate + update * before;
}

static void gru(uint32_t wide, const float *p, const float *r, float *h)
{
    for (uint32_t i = 0; i < wide; i++) {
        const float reset = hark_gate_sigmoid(p[i] + r[i]);
        const float update = hark_gate_sigmoid(p[wide + i] + r[wide + i]);
        const float candidate = hark_gate_tanh(p[2 * wide + i] + reset * r[2 * wide + i]);
        h[i] = gru_state(update, candidate, h[i]);
    }
}

static void gru_gates(uint32_t wide, const float *p, const float *r, const float *h, float *kept)
{
    for (uint32_t i = 0; i < wide; i++) {
        kept[i] = hark_gate_sigmoid(p[i] + r[i]) * h[i];
        kept[wide + i] = hark_gate_sigmoid(p[wide + i] + r[wide + i]);
    }
}

void hark_cells_f32_ref(hark_cell cell, uint32_t wide, const float *p, float *r, float *h,
                        float *kept)
{
    switch (cell) {
    case HARK_CELL_TANH:
        for (uint32_t i = 0; i < wide; i++) h[i] = hark_gate_tanh(p[i] + r[i]);
        break;
    case HARK_CELL_RELU:
        for (uint32_t i = 0; i < wide; i++) h[i] = hark_max_f32(p[i] + r[i], 0.0f);
        break;
    case HARK_CELL_LSTM: lstm(wide, p, r, h, kept); break;
    case HARK_CELL_GRU: gru(wide, p, r, h); break;
    case HARK_CELL_GRU_GATES: gru_gates(wide, p, r, h, kept); break;
    case HARK_CELL_GRU_CANDIDATE:
        for (uint32_t i = 0; i < wide; i++)
            h[i] = gru_state(kept[wide + i], hark_gate_tanh(p[i] + r[i]), h[i]);
        break;
    }
}
