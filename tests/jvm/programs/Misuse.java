import android.hardware.Sensor;
import android.hardware.SensorManager;
import android.os.Handler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Collections;
import org.libhar.HarDecision;
import org.libhar.HarException;
import org.libhar.HarFeed;
import org.libhar.HarModel;
import org.libhar.HarSource;
import org.libhar.HarStream;
import org.libhar.HarStreamConfig;
import org.libhar.android.HarSensorListener;

/** Misuse MODEL: what each mistake is answered with, a line each. */
final class Misuse {
    private interface Mistake {
        void make() throws IOException;
    }

    private Misuse() {}

    private static void show(String name, Mistake mistake) throws IOException {
        String answer = "nothing";
        try {
            mistake.make();
        } catch (HarException reason) {
            answer = reason.statusName + ": " + reason.getMessage();
        } catch (RuntimeException reason) {
            answer = reason.getClass().getSimpleName() + ": " + reason.getMessage();
        }
        System.out.println(name + " -> " + answer);
    }

    public static void main(String[] words) throws IOException {
        byte[] bytes = Files.readAllBytes(Paths.get(words[0]));
        HarModel model = HarModel.open(bytes);
        HarStream stream = model.stream();
        float[] two = new float[2 * model.channelCount()];

        show("no file", () -> HarModel.open("none.har"));
        show("cut file", () -> HarModel.open(Arrays.copyOf(bytes, 1000)));
        byte[] flipped = bytes.clone();
        flipped[bytes.length / 2] ^= 1;
        show("flipped bit", () -> HarModel.open(flipped));
        show("no bytes", () -> HarModel.open(new byte[0]));
        show("heap buffer", () -> HarModel.open(ByteBuffer.wrap(bytes)));
        show("rows past the end", () -> stream.pushSamples(two, 1, 2, null, 0));
        show("negative row", () -> stream.pushSamples(two, -1, 1, null, 0));
        show("times too few", () -> stream.pushSamples(two, new long[1]));
        show("not whole samples", () -> stream.pushSamples(new float[two.length - 1], null));
        show("times backwards", () -> stream.pushSamples(two, new long[] {5, 5}));
        two[3] = Float.NaN;
        show("not a number", () -> stream.pushSamples(two, null));
        show("sensor without source", () -> stream.pushSensor(0, new float[3], 0, 1, 3, new long[1], 0));
        show("wrong window", () -> stream.classify(new float[2 * model.signalChannelCount()]));
        show("channel out of range", () -> model.channel(model.channelCount()));
        show("hop too long", () -> {
            HarStreamConfig config = new HarStreamConfig();
            config.hop = model.window() + 1;
            model.stream(config);
        });
        show("decision out of range", () -> {
            HarStreamConfig config = new HarStreamConfig();
            config.decision = model.decision();
            config.decision.smoothing = 2.0f;
            model.stream(config);
        });
        show("matrix of eight", () -> HarSource.android().mount(new double[8]));
        Sensor accelerometer = new Sensor(Sensor.TYPE_ACCELEROMETER, 78.4f);
        Sensor gyroscope = new Sensor(Sensor.TYPE_GYROSCOPE, 34.9f);
        HarFeed.Listener quiet = event -> {};
        show("no gyroscope", () -> new HarSensorListener(model, quiet)
                .register(new SensorManager(Collections.singletonList(accelerometer)), new Handler()));
        show("sensor refused", () -> {
            SensorManager manager = new SensorManager(Arrays.asList(accelerometer, gyroscope));
            manager.refusedType = Sensor.TYPE_GYROSCOPE;
            new HarSensorListener(model, quiet).register(manager, new Handler());
        });
        show("registered twice", () -> {
            SensorManager manager = new SensorManager(Arrays.asList(accelerometer, gyroscope));
            HarSensorListener listener = new HarSensorListener(model, quiet);
            listener.register(manager, new Handler());
            listener.register(manager, new Handler());
        });
        show("flushed", () -> {
            stream.flush();
            stream.pushSamples(new float[two.length], null);
        });
        stream.close();
        stream.close();
        show("closed stream", () -> stream.poll());
        show("closed stream's push", () -> stream.pushSamples(new float[two.length], null));
        model.close();
        model.close();
        show("closed model", () -> model.stream());
        show("closed model's text", () -> model.name());
    }
}
