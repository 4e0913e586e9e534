import java.util.Locale;
import org.libhar.HarDecision;
import org.libhar.HarModel;

/** Card MODEL: what a model tells of itself, and its self-test. */
final class Card {
    private Card() {}

    public static void main(String[] words) {
        try (HarModel model = HarModel.open(words[0])) {
            HarDecision decision = model.decision();
            System.out.println(model.name());
            System.out.println(String.join(",", model.classNames()));
            for (int i = 0; i < model.channelCount(); i++) {
                HarModel.Channel channel = model.channel(i);
                System.out.println(String.join("|", channel.name, channel.kind, channel.axis, channel.unit, channel.placement));
            }
            System.out.println(String.format(Locale.ROOT, "%d %d %d %d %.1f %s %d", model.window(), model.hop(), model.latency(),
                    model.signalChannelCount(), model.rateHz(), model.isInt8(), model.parameters()));
            System.out.println(decision.temperature + " " + decision.minDurationNs + " " + decision.abstainBelow);
            System.out.println(model.selftest());
        }
    }
}
