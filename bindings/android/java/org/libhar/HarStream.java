package org.libhar;

/**
 * One source of samples on its way to labels.
 *
 * <pre>{@code
 * try (HarModel model = HarModel.open(path); HarStream stream = model.stream()) {
 *     int at = 0;
 *     while (at < rows) {
 *         at += stream.pushSamples(samples, at, rows - at, null, 0);
 *         for (HarEvent event; (event = stream.poll()) != null; ) show(event.name);
 *     }
 * }
 * }</pre>
 *
 * Calls from several threads wait for each other; samples have an order, so let one thread push. What an event is, and how
 * pushes are taken, is said in include/har/stream.h and include/har/source.h.
 */
public final class HarStream implements AutoCloseable {
    private static final int NO_SENSOR = -1;

    private long handle;
    private final HarModel model;
    private final float[] scores;
    private final long[] numbers = new long[HarNative.EVENT_NUMBERS];

    HarStream(HarModel model, long handle) {
        this.model = model;
        this.handle = handle;
        this.scores = new float[model.classCount()];
    }

    /** The model that it was made of. */
    public HarModel model() {
        return model;
    }

    /** Gives the memory back. The stream cannot be used afterwards. Closing again does nothing. */
    @Override
    public synchronized void close() {
        HarNative.destroyStream(handle);
        handle = 0;
    }

    private long handle() {
        if (handle == 0) throw new IllegalStateException("the stream is closed");
        return handle;
    }

    /**
     * Pushes `rows` samples from sample number `first` of the array on, row after row in the units of the model's channels.
     * `timesNs` is null, or has the time of sample `first` at `firstTime`, strictly increasing. Returns how many were taken:
     * fewer than given means that the queue is full; poll until null and push the rest. Throws HarException.
     */
    public synchronized int pushSamples(float[] samples, int first, int rows, long[] timesNs,
            int firstTime) {
        int channels = model.channelCount();
        check("samples", samples.length, (long) first * channels, (long) rows * channels);
        if (timesNs != null) check("timesNs", timesNs.length, firstTime, rows);
        return HarNative.push(handle(), NO_SENSOR, samples, first * channels, rows, channels, timesNs,
                firstTime);
    }

    /** Pushes a whole array of samples. */
    public int pushSamples(float[] samples, long[] timesNs) {
        int channels = model.channelCount();
        if (samples.length % channels != 0) {
            throw new IllegalArgumentException(samples.length + " values are not samples of " + channels);
        }
        return pushSamples(samples, 0, samples.length / channels, timesNs, 0);
    }

    /**
     * Pushes `rows` readings of `columns` values each of one sensor of the source, beginning at element `first` of `values` and at
     * element `firstTime` of `timesNs`. Returns how many were taken: fewer than given means that the queue or the sensor's
     * buffer is full; poll, push the other sensors, and push the rest. Throws HarException.
     */
    public synchronized int pushSensor(int sensor, float[] values, int first, int rows, int columns,
            long[] timesNs, int firstTime) {
        if (sensor < 0) throw new IllegalArgumentException("sensor is " + sensor);
        check("values", values.length, first, (long) rows * columns);
        check("timesNs", timesNs.length, firstTime, rows);
        return HarNative.push(handle(), sensor, values, first, rows, columns, timesNs, firstTime);
    }

    private static void check(String name, int length, long from, long count) {
        if (from < 0 || count < 0 || from + count > length) {
            throw new IndexOutOfBoundsException(
                    name + " has " + length + " elements, " + from + " to " + (from + count) + " are asked for");
        }
    }

    /** Computes at most one due window; null: none is due. Throws HarException. */
    public synchronized HarEvent poll() {
        return HarNative.poll(handle(), scores, numbers) ? new HarEvent(model, numbers, scores) : null;
    }

    /** The label of one window to which the signal steps have been applied: window() * signalChannelCount() values. */
    public synchronized HarEvent classify(float[] window) {
        int columns = model.signalChannelCount();
        if (window.length % columns != 0) {
            throw new IllegalArgumentException(window.length + " values are not rows of " + columns);
        }
        HarNative.classify(handle(), window, window.length / columns, columns, scores, numbers);
        return new HarEvent(model, numbers, scores);
    }

    /** Ends the recording; false while the queue is full: poll and flush again. */
    public synchronized boolean flush() {
        return HarNative.flush(handle());
    }

    /** Back to the state of a new stream. */
    public synchronized void reset() {
        HarNative.reset(handle());
    }

    /** What the stream has done since it was made or reset. */
    public synchronized HarCounters counters() {
        long[] counted = new long[HarNative.COUNTERS];
        double[] rates = new double[HarNative.MAX_SENSORS];
        HarNative.counters(handle(), counted, rates);
        return new HarCounters(counted, rates);
    }
}
