package org.libhar;

/**
 * Readings of sensors in, labels out: pushes what arrives, polls, and hands each label to a listener. Nothing is thrown at
 * whoever delivers the readings; what could not be used is counted and told.
 */
public final class HarFeed {
    /** Gets what comes out, on the thread that delivered the reading. */
    public interface Listener {
        void onLabel(HarEvent event);

        /** A reading that was refused, such as one whose time runs backwards. It was dropped. */
        default void onRefused(int sensor, HarException reason) {}
    }

    private final HarStream stream;
    private final Listener listener;
    private long dropped;

    /** `stream` has a source; it stays the caller's. */
    public HarFeed(HarStream stream, Listener listener) {
        this.stream = stream;
        this.listener = listener;
    }

    /** Readings that were refused, or for which there was no room while another sensor was silent. */
    public synchronized long dropped() {
        return dropped;
    }

    /** Takes `rows` readings of `columns` values each, from the start of the arrays. */
    public synchronized void accept(int sensor, float[] values, int rows, int columns, long[] timesNs) {
        int at = 0;
        while (at < rows) {
            int taken = 0;
            try {
                taken = stream.pushSensor(sensor, values, at * columns, rows - at, columns, timesNs, at);
            } catch (HarException reason) {
                listener.onRefused(sensor, reason);
                dropped++;
                at++; /* an error takes nothing: the next reading may be good */
                continue;
            }
            at += taken;
            boolean polled = poll();
            if (taken == 0 && !polled) break;
        }
        dropped += rows - at;
    }

    private boolean poll() {
        boolean any = false;
        for (HarEvent event; (event = stream.poll()) != null; any = true) listener.onLabel(event);
        return any;
    }
}
