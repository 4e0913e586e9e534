package org.libhar.android;

import android.hardware.Sensor;
import android.hardware.SensorEvent;
import android.hardware.SensorEventListener;
import android.hardware.SensorManager;
import android.os.Handler;
import java.util.concurrent.TimeUnit;
import org.libhar.HarFeed;
import org.libhar.HarModel;
import org.libhar.HarSource;
import org.libhar.HarStream;
import org.libhar.HarStreamConfig;

/**
 * The sensors of a phone or watch, on their way to labels:
 *
 * <pre>{@code
 * listener = new HarSensorListener(model, event -> show(event.name));
 * listener.register(sensorManager, handler);
 * ...
 * listener.close();
 * }</pre>
 *
 * Labels come on the handler's thread. Give it a handler of a thread of its own, for the network runs there.
 */
public final class HarSensorListener implements SensorEventListener, AutoCloseable {
    /** Of a reading that comes on time; batched ones come later by what they are batched for. */
    private static final long LATE_NS = TimeUnit.SECONDS.toNanos(2);

    private final HarSource source;
    private final HarModel model;
    private final HarFeed.Listener labels;
    private final HarStreamConfig config;
    private final long[] time = new long[1];
    private SensorManager manager;
    private HarStream stream;
    private HarFeed feed;

    /** A listener by the model's own settings. The model stays the caller's. */
    public HarSensorListener(HarModel model, HarFeed.Listener labels) {
        this(model, new HarStreamConfig(), labels);
    }

    /** `config.source` must be null: it is Android's. A `maxWaitNs` of 0 becomes 2 s and twice the batching. */
    public HarSensorListener(HarModel model, HarStreamConfig config, HarFeed.Listener labels) {
        if (config.source != null) throw new IllegalArgumentException("config.source is not null");
        this.model = model;
        this.source = HarSource.android(model);
        this.config = config;
        this.labels = labels;
    }

    /** The source: state a mount or a placement here, before register. */
    public HarSource source() {
        return source;
    }

    /** Twice the model's rate, without batching. */
    public void register(SensorManager sensors, Handler handler) {
        int periodUs = (int) Math.round(TimeUnit.SECONDS.toMicros(1) / (2.0 * model.rateHz()));
        register(sensors, periodUs, 0, handler);
    }

    /**
     * Makes the stream and begins. `maxReportLatencyUs` above 0 lets the sensor hub collect readings for so long while the
     * processor sleeps. Throws IllegalStateException where the device lacks a sensor, or when registered already.
     */
    public synchronized void register(SensorManager sensors, int samplingPeriodUs, int maxReportLatencyUs,
            Handler handler) {
        if (stream != null) throw new IllegalStateException("already registered");
        Sensor[] found = new Sensor[source.sensorCount()];
        for (int i = 0; i < found.length; i++) {
            found[i] = sensors.getDefaultSensor(typeOf(source.kind(i)));
            if (found[i] == null) throw new IllegalStateException("no sensor of kind " + source.kind(i));
            source.range(i, found[i].getMaximumRange());
        }
        config.source = source;
        long waitNs = config.maxWaitNs;
        if (waitNs == 0) config.maxWaitNs = LATE_NS + 2 * TimeUnit.MICROSECONDS.toNanos(maxReportLatencyUs);
        try {
            stream = model.stream(config);
        } finally {
            config.source = null;
            config.maxWaitNs = waitNs;
        }
        feed = new HarFeed(stream, labels);
        manager = sensors;
        for (Sensor sensor : found) {
            if (!sensors.registerListener(this, sensor, samplingPeriodUs, maxReportLatencyUs, handler)) {
                close();
                throw new IllegalStateException("the system refused " + sensor.getName());
            }
        }
    }

    /** Readings that could not be used. */
    public synchronized long dropped() {
        return feed == null ? 0 : feed.dropped();
    }

    @Override
    public synchronized void onSensorChanged(SensorEvent event) {
        int sensor = source.sensorOf(kindOf(event.sensor.getType()));
        if (feed == null || sensor < 0) return;
        time[0] = event.timestamp;
        feed.accept(sensor, event.values, 1, source.columns(sensor), time);
    }

    @Override
    public void onAccuracyChanged(Sensor sensor, int accuracy) {}

    /** Ends and gives the stream back; register begins anew. */
    @Override
    public synchronized void close() {
        if (stream == null) return;
        manager.unregisterListener(this);
        stream.close();
        stream = null;
        feed = null;
    }

    private static int typeOf(int kind) {
        return kind == HarSource.GYROSCOPE ? Sensor.TYPE_GYROSCOPE : Sensor.TYPE_ACCELEROMETER;
    }

    private static int kindOf(int type) {
        if (type == Sensor.TYPE_ACCELEROMETER) return HarSource.ACCELEROMETER;
        return type == Sensor.TYPE_GYROSCOPE ? HarSource.GYROSCOPE : -1;
    }
}
