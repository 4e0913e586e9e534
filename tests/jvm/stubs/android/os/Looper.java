package android.os;

/** Stands in for Android's class in tests. */
public final class Looper {}
