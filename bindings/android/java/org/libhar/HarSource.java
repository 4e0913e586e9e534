package org.libhar;

import java.util.Arrays;

/**
 * What an app's sensors give, where that is not what the model was trained on: kinds, units, axes, rates, and how the
 * device is mounted. The constants and rules are those of include/har/source.h.
 */
public final class HarSource {
    public static final int MOUNT_AS_TRAINED = 0;
    public static final int MOUNT_UPSIDE_DOWN = 1;
    public static final int MOUNT_FACE_IN = 2;
    public static final int MOUNT_OTHER_WRIST = 3;
    public static final int MOUNT_MATRIX = 4;

    public static final int ACCELEROMETER = 1;
    public static final int GYROSCOPE = 2;
    public static final int MAGNETOMETER = 3;
    public static final int GRAVITY = 4;
    public static final int LINEAR_ACCELERATION = 5;
    public static final int BAROMETER = 6;
    public static final int HEART_RATE = 7;

    private static final int PRESET_ANDROID_SENSOR = 1;
    private static final int KIND = 0;
    private static final int PLACEMENT = 2;
    private static final int COLUMNS = 3;
    private static final int RATE = 10;
    private static final int RANGE = 11;

    private final double[] numbers;

    private HarSource(double[] numbers) {
        this.numbers = numbers;
    }

    /** Android's sensors: 0 is TYPE_ACCELEROMETER in m/s^2, 1 is TYPE_GYROSCOPE in rad/s. */
    public static HarSource android() {
        return preset(PRESET_ANDROID_SENSOR);
    }

    /** The same for a model: without the gyroscope where the model has no channel of it. */
    public static HarSource android(HarModel model) {
        for (int i = 0; i < model.channelCount(); i++) {
            if (model.channel(i).kind.equals("gyroscope")) return android();
        }
        int end = HarNative.SOURCE_SENSORS + HarNative.SENSOR_NUMBERS;
        return new HarSource(Arrays.copyOf(HarNative.preset(PRESET_ANDROID_SENSOR), end));
    }

    /** One of HAR_PRESET_*. */
    public static HarSource preset(int number) {
        return new HarSource(HarNative.preset(number));
    }

    public int sensorCount() {
        return (numbers.length - HarNative.SOURCE_SENSORS) / HarNative.SENSOR_NUMBERS;
    }

    /** The number of the sensor of a kind, -1 where there is none. */
    public int sensorOf(int kind) {
        for (int i = 0; i < sensorCount(); i++) {
            if (numbers[place(i, KIND)] == kind) return i;
        }
        return -1;
    }

    /** The kind of a sensor. */
    public int kind(int sensor) {
        return (int) numbers[place(sensor, KIND)];
    }

    /** The values of one reading of a sensor. */
    public int columns(int sensor) {
        return (int) numbers[place(sensor, COLUMNS)];
    }

    private int place(int sensor, int number) {
        if (sensor < 0 || sensor >= sensorCount()) {
            throw new IndexOutOfBoundsException("sensor " + sensor + " of " + sensorCount());
        }
        return HarNative.SOURCE_SENSORS + sensor * HarNative.SENSOR_NUMBERS + number;
    }

    /** States the rate of all sensors; 0: not stated, up to four times the model's. */
    public HarSource rateHz(double rate) {
        for (int i = 0; i < sensorCount(); i++) numbers[place(i, RATE)] = rate;
        return this;
    }

    /** States where all sensors are worn: one of HAR_PLACEMENT_*. */
    public HarSource placement(int placement) {
        for (int i = 0; i < sensorCount(); i++) numbers[place(i, PLACEMENT)] = placement;
        return this;
    }

    /** States the full scale of a sensor in its unit; 0: not stated. */
    public HarSource range(int sensor, double range) {
        numbers[place(sensor, RANGE)] = range;
        return this;
    }

    /** One of MOUNT_AS_TRAINED to MOUNT_OTHER_WRIST. */
    public HarSource mount(int mount) {
        numbers[HarNative.SOURCE_MOUNT] = mount;
        return this;
    }

    /** The model's axes from the device's: nine numbers, row after row, orthogonal to 1e-3. */
    public HarSource mount(double[] matrix) {
        if (matrix.length != 9) throw new IllegalArgumentException(matrix.length + " numbers, must be 9");
        System.arraycopy(matrix, 0, numbers, HarNative.SOURCE_MATRIX, 9);
        return mount(MOUNT_MATRIX);
    }

    double[] numbers() {
        return numbers.clone();
    }
}
