package org.libhar;

/** How scores become activities: the fields and rules of include/har/decision.h. HarModel.decision() gives the model's. */
public final class HarDecision {
    public float temperature;
    public float smoothing;
    public int majority;
    public float enterAbove;
    public float exitBelow;
    public long minDurationNs;
    public float abstainBelow;

    HarDecision(double[] numbers) {
        temperature = (float) numbers[0];
        smoothing = (float) numbers[1];
        majority = (int) numbers[2];
        enterAbove = (float) numbers[3];
        exitBelow = (float) numbers[4];
        minDurationNs = (long) numbers[5];
        abstainBelow = (float) numbers[6];
    }

    double[] numbers() {
        return new double[] {
            temperature, smoothing, majority, enterAbove, exitBelow, minDurationNs, abstainBelow
        };
    }
}
