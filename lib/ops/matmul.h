/* What a matmul node computes, in its `begin`. */
#ifndef HARI_OPS_MATMUL_H
#define HARI_OPS_MATMUL_H

enum { HARI_MATMUL_DOTS, HARI_MATMUL_PLAIN, HARI_MATMUL_TURNED };

#endif /* HARI_OPS_MATMUL_H */
