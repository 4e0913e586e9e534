package android.os;

/** Stands in for Android's class in tests. */
public class Handler {
    public Handler() {}

    public Handler(Looper looper) {}
}
