import org.libhar.HarEvent;

/** One line for an event, with all bits of its numbers. */
final class Show {
    private Show() {}

    static void line(HarEvent event) {
        StringBuilder line = new StringBuilder();
        line.append(event.classIndex).append(' ').append(event.name).append(' ');
        line.append(Integer.toHexString(Float.floatToRawIntBits(event.confidence))).append(' ');
        line.append(event.startNs).append(' ').append(event.endNs).append(' ').append(event.firstSample);
        line.append(' ').append(event.flags).append(' ').append(event.leftIndex).append(' ');
        line.append(event.rawIndex).append(' ').append(event.sinceNs).append(' ');
        line.append(event.reasonNames().isEmpty() ? "-" : String.join(",", event.reasonNames()));
        for (float score : event.scores) {
            line.append(' ').append(Integer.toHexString(Float.floatToRawIntBits(score)));
        }
        System.out.println(line);
    }
}
