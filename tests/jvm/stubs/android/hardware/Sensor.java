package android.hardware;

/** Stands in for Android's class in tests. */
public class Sensor {
    public static final int TYPE_ACCELEROMETER = 1;
    public static final int TYPE_GYROSCOPE = 4;

    private final int type;
    private final float range;

    public Sensor(int type, float range) {
        this.type = type;
        this.range = range;
    }

    public int getType() {
        return type;
    }

    public float getMaximumRange() {
        return range;
    }

    public String getName() {
        return "sensor of type " + type;
    }
}
