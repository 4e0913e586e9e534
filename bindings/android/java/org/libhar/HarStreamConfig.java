package org.libhar;

/** How to make a stream; 0 and null stand for the model's own. The fields of `har_stream_config` in include/har/stream.h. */
public final class HarStreamConfig {
    /** Samples between windows. */
    public int hop;
    /** Samples that may wait beyond the window that is due. */
    public int queue;
    /** Two times further apart restart the window. */
    public long maxGapNs;
    /** How long one sensor of the source is waited for; 0: however long. At least what sensors are batched for. */
    public long maxWaitNs;
    /** Whether overlapping windows share work. */
    public boolean reuse = true;
    /** Whether windows in which nothing moved may repeat the last one. */
    public boolean stillGate;
    /** The most hops between windows while the activity is steady. */
    public int maxStretch;
    /** What the app's sensors give; null: samples as the model's own. */
    public HarSource source;
    /** How scores become activities; null: as the model's file says. */
    public HarDecision decision;

    long[] numbers() {
        return new long[] {hop, queue, maxGapNs, maxWaitNs, reuse ? 0 : 1, stillGate ? 1 : 0, maxStretch};
    }
}
