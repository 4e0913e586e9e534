package org.libhar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An opened *.har file. It never changes; any number of threads and streams may use it. Close it when no more streams
 * are made of it; streams that are open keep what they need.
 */
public final class HarModel implements AutoCloseable {
    private static final int TEXT_NAME = 0;
    private static final int TEXT_VERSION = 1;
    private static final int TEXT_DESCRIPTION = 2;
    private static final int TEXT_LICENCE = 5;

    private long handle;

    /** A direct buffer that the model lies in; streams keep their model, and with it the buffer. */
    private final ByteBuffer bytes;

    private final long[] numbers = new long[HarNative.MODEL_NUMBERS];
    private final double[] rateHz = new double[1];
    private final List<String> classNames;

    private HarModel(long handle, ByteBuffer bytes) {
        this.handle = handle;
        this.bytes = bytes;
        HarNative.info(handle, numbers, rateHz);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < classCount(); i++) names.add(HarNative.string(HarNative.className(handle, i)));
        this.classNames = Collections.unmodifiableList(names);
    }

    /** One sensor channel, in the order that samples have them. */
    public static final class Channel {
        /** For example "acc_x". */
        public final String name;
        /** For example "accelerometer". */
        public final String kind;
        /** For example "x". */
        public final String axis;
        /** For example "g", "m/s^2", "rad/s". */
        public final String unit;
        /** For example "waist". */
        public final String placement;

        Channel(long model, int index) {
            String[] texts = new String[5];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = HarNative.string(HarNative.channelText(model, index, i));
            }
            name = texts[0];
            kind = texts[1];
            axis = texts[2];
            unit = texts[3];
            placement = texts[4];
        }
    }

    /** Opens a file. Every byte that is used later is checked. Throws HarException. */
    public static HarModel open(String path) {
        byte[] text = (path + "\0").getBytes(StandardCharsets.UTF_8);
        return new HarModel(HarNative.openFile(text), null);
    }

    /** Opens the bytes of a file; they are copied. Throws HarException. */
    public static HarModel open(byte[] bytes) {
        return new HarModel(HarNative.openBytes(bytes), null);
    }

    /**
     * Opens the bytes between position and limit of a direct buffer, for example a mapped file, without a copy where they
     * begin at a multiple of 64 bytes. They must not change. Throws HarException, and IllegalArgumentException where the
     * buffer is not direct.
     */
    public static HarModel open(ByteBuffer direct) {
        if (!direct.isDirect()) throw new IllegalArgumentException("the buffer is not direct");
        ByteBuffer kept = direct.slice();
        return new HarModel(HarNative.openBuffer(kept, 0, kept.remaining()), kept);
    }

    /** Gives the reference back. The model cannot be used afterwards. Closing again does nothing. */
    @Override
    public synchronized void close() {
        HarNative.releaseModel(handle);
        handle = 0;
    }

    private long handle() {
        if (handle == 0) throw new IllegalStateException("the model is closed");
        return handle;
    }

    /** Makes a stream by the model's own settings. */
    public HarStream stream() {
        return stream(new HarStreamConfig());
    }

    /** Makes a stream. Throws HarException. */
    public synchronized HarStream stream(HarStreamConfig config) {
        return new HarStream(this, HarNative.createStream(handle(), config.numbers(),
                config.source == null ? null : config.source.numbers(),
                config.decision == null ? null : config.decision.numbers()));
    }

    /** Runs the file's golden vectors on this device; returns how many were reproduced. Throws HarException where one was not. */
    public synchronized int selftest() {
        return HarNative.selftest(handle());
    }

    /** How the model's file decides; a copy to change. */
    public synchronized HarDecision decision() {
        return new HarDecision(HarNative.decision(handle()));
    }

    /** Channel `index`, 0 to channelCount() - 1. */
    public synchronized Channel channel(int index) {
        if (index < 0 || index >= channelCount()) {
            throw new IndexOutOfBoundsException("channel " + index + " of " + channelCount());
        }
        return new Channel(handle(), index);
    }

    private synchronized String text(int which) {
        return HarNative.string(HarNative.text(handle(), which));
    }

    public String name() {
        return text(TEXT_NAME);
    }

    public String version() {
        return text(TEXT_VERSION);
    }

    public String description() {
        return text(TEXT_DESCRIPTION);
    }

    /** Of the model, not of the library. */
    public String licence() {
        return text(TEXT_LICENCE);
    }

    /** The classes, by their numbers. */
    public List<String> classNames() {
        return classNames;
    }

    /** Values of a sample. */
    public int channelCount() {
        return (int) numbers[0];
    }

    /** Columns after the signal steps. */
    public int signalChannelCount() {
        return (int) numbers[1];
    }

    public int classCount() {
        return (int) numbers[2];
    }

    /** In samples. */
    public int window() {
        return (int) numbers[3];
    }

    /** In samples. */
    public int hop() {
        return (int) numbers[4];
    }

    /** Samples by which the signal steps lag behind. */
    public int latency() {
        return (int) numbers[5];
    }

    /** Whether the network computes in INT8; else in FP32. */
    public boolean isInt8() {
        return numbers[6] == 1;
    }

    public double rateHz() {
        return rateHz[0];
    }

    public long fileBytes() {
        return numbers[7];
    }

    /** Memory owned by the model. */
    public long modelBytes() {
        return numbers[8];
    }

    /** Memory of a stream by the model's own settings. */
    public long streamBytes() {
        return numbers[9];
    }

    public long parameters() {
        return numbers[10];
    }

    /** Multiply-accumulates of one window. */
    public long macs() {
        return numbers[11];
    }
}
