import android.content.Context;
import android.content.res.AssetManager;
import android.hardware.Sensor;
import android.hardware.SensorEvent;
import android.hardware.SensorManager;
import android.os.Handler;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import org.libhar.HarModel;
import org.libhar.android.HarAssets;
import org.libhar.android.HarSensorListener;

/** ReplaySensors MODEL READINGS LATENCY_US: the labels of a phone's readings, each a type, a time and three floats. */
final class ReplaySensors {
    private ReplaySensors() {}

    public static void main(String[] words) throws IOException {
        Sensor accelerometer = new Sensor(Sensor.TYPE_ACCELEROMETER, 78.4f);
        Sensor gyroscope = new Sensor(Sensor.TYPE_GYROSCOPE, 34.9f);
        SensorManager manager = new SensorManager(Arrays.asList(accelerometer, gyroscope));
        Path model = Paths.get(words[0]);
        Context context = new Context(new AssetManager(model.getParent()));
        int latencyUs = Integer.parseInt(words[2]);
        try (HarModel opened = HarAssets.open(context, model.getFileName().toString());
                HarSensorListener listener = new HarSensorListener(opened, Show::line);
                DataInputStream in = new DataInputStream(
                        new BufferedInputStream(Files.newInputStream(Paths.get(words[1]))))) {
            listener.register(manager, 10_000, latencyUs, new Handler());
            try {
                while (true) {
                    Sensor sensor = in.readInt() == Sensor.TYPE_ACCELEROMETER ? accelerometer : gyroscope;
                    long time = in.readLong();
                    float[] values = {in.readFloat(), in.readFloat(), in.readFloat()};
                    listener.onSensorChanged(new SensorEvent(sensor, time, values));
                }
            } catch (EOFException end) {
                System.err.println("registered " + manager.registered.size() + ", every " + manager.periodUs
                        + " us, latency " + manager.latencyUs + " us, dropped " + listener.dropped());
            }
        }
        System.err.println("registered " + manager.registered.size());
    }
}
