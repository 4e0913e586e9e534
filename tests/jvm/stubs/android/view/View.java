package android.view;

import android.content.Context;

/** Stands in for Android's class in tests. */
public class View {
    public View(Context context) {}
}
