/* The file, as it is, in flash. */
    .section .rodata.model, "a"
    .balign 64
    .global model_start
    .global model_end
model_start:
    .incbin HAR_MODEL
model_end:
