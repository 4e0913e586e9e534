/* HARI_STATIC_ASSERT(condition, text) at file scope, in C99 too. */
#ifndef HARI_BASE_STATIC_ASSERT_H
#define HARI_BASE_STATIC_ASSERT_H

#if __STDC_VERSION__ >= 201112L
#define HARI_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#else
#define HARI_STATIC_ASSERT(condition, text) extern char hari_static_assert[(condition) ? 1 : -1]
#endif

#endif /* HARI_BASE_STATIC_ASSERT_H */
