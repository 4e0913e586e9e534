package org.libhar;

import java.util.ArrayList;
import java.util.List;

/** One label; the fields of `har_event` in include/har/stream.h. */
public final class HarEvent {
    public static final int UNKNOWN = 1;
    public static final int AFTER_GAP = 1 << 1;
    public static final int ENTER = 1 << 2;
    public static final int EXIT = 1 << 3;
    public static final int REPEATED = 1 << 4;
    public static final int CONTRACT = 1 << 5;

    /** What is decided; -1: unknown. */
    public final int classIndex;
    /** The class's name; "unknown" for -1. */
    public final String name;
    /** The score of the class; of unknown: the largest. */
    public final float confidence;
    /** A probability for each class, after smoothing. */
    public final float[] scores;
    /** Time of the window's first sample. */
    public final long startNs;
    /** Time of the window's last sample. */
    public final long endNs;
    public final long firstSample;
    /** Bits of UNKNOWN to CONTRACT. */
    public final int flags;
    /** With EXIT: the class that was left; else -1. */
    public final int leftIndex;
    /** The class of the largest of this window's own probabilities. */
    public final int rawIndex;
    /** Start of the first window of what is decided. */
    public final long sinceNs;
    /** HAR_REASON_* bits: what in the samples is not as the model expects. */
    public final int reasons;

    HarEvent(HarModel model, long[] numbers, float[] scores) {
        classIndex = (int) numbers[0];
        name = classIndex < 0 ? "unknown" : model.classNames().get(classIndex);
        this.scores = scores.clone();
        flags = (int) numbers[1];
        startNs = numbers[2];
        endNs = numbers[3];
        firstSample = numbers[4];
        leftIndex = (int) numbers[5];
        rawIndex = (int) numbers[6];
        sinceNs = numbers[7];
        reasons = (int) numbers[8];
        confidence = Float.intBitsToFloat((int) numbers[9]);
    }

    /** Whether all bits of `flag` are set. */
    public boolean has(int flag) {
        return (flags & flag) == flag;
    }

    /** The names of `reasons`: "unit", "gravity_direction" and so on. */
    public List<String> reasonNames() {
        List<String> names = new ArrayList<>();
        for (int bits = reasons; bits != 0; bits &= bits - 1) {
            names.add(HarNative.string(HarNative.reasonName(Integer.lowestOneBit(bits))));
        }
        return names;
    }
}
