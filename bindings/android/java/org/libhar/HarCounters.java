package org.libhar;

/** What a stream has done; the fields of `har_stream_counters` in include/har/stream.h. */
public final class HarCounters {
    /** HAR_REASON_* bits of what arrives now. */
    public final int reasonsNow;
    public final long samples;
    public final long gaps;
    public final long windows;
    public final long windowsSkipped;
    public final long windowsStretched;
    public final long macs;
    public final long macsFresh;
    public final long rows;
    public final long rowsLost;
    public final long duplicates;
    /** Of each sensor of the source, over about a second; 0: not known. */
    public final double[] rateHz;

    HarCounters(long[] counted, double[] rateHz) {
        reasonsNow = (int) counted[0];
        samples = counted[1];
        gaps = counted[2];
        windows = counted[3];
        windowsSkipped = counted[4];
        windowsStretched = counted[5];
        macs = counted[6];
        macsFresh = counted[7];
        rows = counted[8];
        rowsLost = counted[9];
        duplicates = counted[10];
        this.rateHz = rateHz;
    }
}
