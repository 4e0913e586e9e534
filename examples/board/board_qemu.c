/* A board of QEMU: readings come from a recording in flash, texts go out through semihosting,
 * which is a breakpoint that the emulator, or a debugger, takes for a call. Arm, "Semihosting for
 * AArch32 and AArch64". */
#include "board.h"

#include <stddef.h>

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20 };
enum { STOPPED_APPLICATION_EXIT = 0x20026 };

static int call(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_print(const char *text) { call(SYS_WRITE0, text); }

void board_end(int status)
{
    const unsigned long arguments[2] = {STOPPED_APPLICATION_EXIT, (unsigned long)status};
    call(SYS_EXIT_EXTENDED, arguments);
}

/* What lies below the stack when the program begins is marked; what is marked no more was stack. */
enum { MARKED = 8192 / sizeof(unsigned long) };
static const unsigned long MARK = 0x5ca1ab1e;
static unsigned long *stack_top;

void board_begin(void)
{
    unsigned long *volatile here = __builtin_frame_address(0);
    stack_top = here;
    for (unsigned i = 64; i < MARKED; i++) *(volatile unsigned long *)(here - i) = MARK;
}

unsigned long board_stack_peak(void)
{
    unsigned i = MARKED;
    while (--i >= 64 && *(volatile unsigned long *)(stack_top - i) == MARK) continue;
    return i * sizeof(unsigned long);
}

/* recording.c, which CMake makes of examples/recordings. */
extern const float recording[][6];
extern const unsigned long recording_rows;

int board_read_motion(float motion[6])
{
    static unsigned long next;
    if (next == recording_rows) return 0;
    for (size_t i = 0; i < 6; i++) motion[i] = recording[next][i];
    next++;
    return 1;
}
