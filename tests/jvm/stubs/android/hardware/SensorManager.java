package android.hardware;

import android.os.Handler;
import java.util.ArrayList;
import java.util.List;

/** Stands in for Android's class in tests: has the sensors given to it, and remembers what was registered. */
public class SensorManager {
    private final List<Sensor> sensors;
    public final List<Sensor> registered = new ArrayList<>();
    public int periodUs;
    public int latencyUs;
    public int refusedType;

    public SensorManager(List<Sensor> sensors) {
        this.sensors = sensors;
    }

    public Sensor getDefaultSensor(int type) {
        for (Sensor sensor : sensors) {
            if (sensor.getType() == type) return sensor;
        }
        return null;
    }

    public boolean registerListener(SensorEventListener listener, Sensor sensor, int samplingPeriodUs,
            int maxReportLatencyUs, Handler handler) {
        if (sensor.getType() == refusedType) return false;
        periodUs = samplingPeriodUs;
        latencyUs = maxReportLatencyUs;
        return registered.add(sensor);
    }

    public void unregisterListener(SensorEventListener listener) {
        registered.clear();
    }
}
