package org.libhar;

/**
 * What went wrong: the status of include/har/status.h, and where it has one, the field, the value found and the bound
 * that it broke.
 */
public final class HarException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The number, for example -61. */
    public final int status;
    /** Its name, for example "HAR_ERR_TIME_BACKWARDS". */
    public final String statusName;
    /** "" where no field is meant. */
    public final String field;
    /** NaN where a number makes no sense. */
    public final double value;
    /** NaN where a number makes no sense. */
    public final double bound;
    /** Place in the model file, -1 where none is meant. */
    public final long byteOffset;

    /** Called by the natives. */
    HarException(int status, byte[] name, byte[] text, byte[] field, double value, double bound,
            long byteOffset) {
        super(HarNative.string(text));
        this.status = status;
        this.statusName = HarNative.string(name);
        this.field = HarNative.string(field);
        this.value = value;
        this.bound = bound;
        this.byteOffset = byteOffset;
    }
}
