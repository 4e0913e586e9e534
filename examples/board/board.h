/* What main.c needs of a board. board_qemu.c is a board of the emulator; yours takes its place. */
#ifndef BOARD_H
#define BOARD_H

/* Called first of all. */
void board_begin(void);

/* Waits for the next reading: acceleration x y z in g, rotation x y z in rad/s, 50 a second.
 * Returns 0 when there will be none. */
int board_read_motion(float motion[6]);

void board_print(const char *text);

/* Bytes of stack that the program has used at most, 0 where the board cannot tell. */
unsigned long board_stack_peak(void);

/* Ends the program where a board can; `status` is 0 when all was well. */
void board_end(int status);

#endif /* BOARD_H */
