package android.view;

/** Stands in for Android's class in tests. */
public class Gravity {
    public static final int CENTER = 17;
}
