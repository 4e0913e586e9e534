package org.libhar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The natives of libhar_jni. Models and streams are pointers in a long; numbers pass in arrays whose
 * order is said here, texts as bytes of UTF-8.
 */
final class HarNative {
    static {
        System.loadLibrary("har");
        System.loadLibrary("har_jni");
    }

    private HarNative() {}

    /** HAR_MAX_SENSORS. */
    static final int MAX_SENSORS = 16;

    static final int MODEL_NUMBERS = 12;
    static final int EVENT_NUMBERS = 10;
    static final int COUNTERS = 11;

    /** Of a source: the mount, the matrix, then SENSOR_NUMBERS for each sensor. */
    static final int SOURCE_MOUNT = 0;

    static final int SOURCE_MATRIX = 1;
    static final int SOURCE_SENSORS = 10;

    /** Kind, unit, placement, columns, three axes, three signs, rate, range. */
    static final int SENSOR_NUMBERS = 12;

    static native int version();

    /** `path` ends with a zero byte. */
    static native long openFile(byte[] path);

    /** Copies the bytes. */
    static native long openBytes(byte[] bytes);

    /** Uses the bytes of a direct buffer where they lie. */
    static native long openBuffer(ByteBuffer buffer, int offset, int size);

    static native void releaseModel(long model);

    /** Numbers: channels, signal channels, classes, window, hop, latency, numeric, bytes of the file, of the model and of
     * a stream, parameters, multiply-accumulates. */
    static native void info(long model, long[] numbers, double[] rateHz);

    static native byte[] text(long model, int which);

    static native byte[] className(long model, int index);

    /** Which: name, kind, axis, unit, placement. */
    static native byte[] channelText(long model, int index, int which);

    static native int selftest(long model);

    /** Temperature, smoothing, majority, enter above, exit below, minimum duration in ns, abstain below. */
    static native double[] decision(long model);

    static native double[] preset(int number);

    static native byte[] reasonName(int reason);

    /** Config: hop, queue, max gap, max wait, reuse, still gate, max stretch; `source` and `decision` may be null. */
    static native long createStream(long model, long[] config, double[] source, double[] decision);

    static native void destroyStream(long stream);

    /** Returns the rows taken; `sensor` is -1 for samples of the model. `times` may be null for these. */
    static native int push(long stream, int sensor, float[] values, int first, int rows, int columns,
            long[] times, int firstTime);

    /** False: none is due. Numbers: class, flags, start, end, first sample, left class, raw class, since, reasons, the bits of
     * the confidence. */
    static native boolean poll(long stream, float[] scores, long[] numbers);

    static native void classify(long stream, float[] window, int rows, int columns, float[] scores,
            long[] numbers);

    /** False: the queue is full. */
    static native boolean flush(long stream);

    static native void reset(long stream);

    static native void counters(long stream, long[] numbers, double[] ratesHz);

    static String string(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
