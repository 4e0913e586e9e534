/* The cells of recurrent layers: RNN (Elman 1990), LSTM without peepholes (Hochreiter and
 * Schmidhuber 1997, with the forget gate of Gers et al. 2000), GRU (Cho et al. 2014). The formulas
 * are in numbers.md. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

static void sigmoids(const float *p, float *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) r[i] = hark_gate_sigmoid(p[i] + r[i]);
}

static void tanhs(const float *p, float *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) r[i] = hark_gate_tanh(p[i] + r[i]);
}

static void lstm(uint32_t wide, const float *p, float *r, float *h, float *c)
{
    sigmoids(p, r, 2 * wide);
    tanhs(p + 2 * wide, r + 2 * wide, wide);
    sigmoids(p + 3 * wide, r + 3 * wide, wide);
    for (uint32_t i = 0; i < wide; i++) {
        c[i] = r[wide + i] * c[i] + r[i] * r[2 * wide + i];
        h[i] = r[3 * wide + i] * hark_gate_tanh(c[i]);
    }
}

static void mix(uint32_t wide, const float *update, const float *candidate, float *h)
{
    for (uint32_t i = 0; i < wide; i++) h[i] = (1.0f - update[i]) * candidate[i] + update[i] * h[i];
}

static void gru(uint32_t wide, const float *p, float *r, float *h)
{
    sigmoids(p, r, 2 * wide);
    for (uint32_t i = 0; i < wide; i++) r[2 * wide + i] *= r[i];
    tanhs(p + 2 * wide, r + 2 * wide, wide);
    mix(wide, r + wide, r + 2 * wide, h);
}

static void gru_gates(uint32_t wide, const float *p, float *r, const float *h, float *kept)
{
    sigmoids(p, r, 2 * wide);
    for (uint32_t i = 0; i < wide; i++) {
        kept[i] = r[i] * h[i];
        kept[wide + i] = r[wide + i];
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
        tanhs(p, r, wide);
        mix(wide, kept + wide, r, h);
        break;
    }
}
