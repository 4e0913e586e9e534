import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import org.libhar.HarEvent;
import org.libhar.HarModel;
import org.libhar.HarStream;

/** Replay HOW MODEL SAMPLES ROWS: the labels of a file of big-endian floats, pushed ROWS at a time. HOW the model is opened: path,
 * bytes, mapped. */
final class Replay {
    private Replay() {}

    static HarModel open(String how, Path path) throws IOException {
        switch (how) {
            case "path":
                return HarModel.open(path.toString());
            case "bytes":
                return HarModel.open(Files.readAllBytes(path));
            default:
                try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
                    return HarModel.open(file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()));
                }
        }
    }

    private static void poll(HarStream stream) {
        for (HarEvent event; (event = stream.poll()) != null; ) Show.line(event);
    }

    /** A stream keeps what it needs of its model. */
    private static HarStream streamOf(String how, Path path) throws IOException {
        try (HarModel model = open(how, path)) {
            return model.stream();
        }
    }

    public static void main(String[] words) throws IOException {
        FloatBuffer read = ByteBuffer.wrap(Files.readAllBytes(Paths.get(words[2]))).asFloatBuffer();
        float[] samples = new float[read.remaining()];
        read.get(samples);
        int piece = Integer.parseInt(words[3]);
        try (HarStream stream = streamOf(words[0], Paths.get(words[1]))) {
            int rows = samples.length / stream.model().channelCount();
            for (int at = 0; at < rows; ) {
                at += stream.pushSamples(samples, at, Math.min(piece, rows - at), null, 0);
                poll(stream);
            }
            while (!stream.flush()) poll(stream);
            poll(stream);
        }
    }
}
