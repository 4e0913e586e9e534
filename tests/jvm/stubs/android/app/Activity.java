package android.app;

import android.content.Context;
import android.os.Bundle;
import android.view.View;

/** Stands in for Android's class in tests. */
public class Activity extends Context {
    public Activity() {
        super(null);
    }

    protected void onCreate(Bundle state) {}

    protected void onResume() {}

    protected void onPause() {}

    protected void onDestroy() {}

    public void setContentView(View view) {}

    public final void runOnUiThread(Runnable action) {
        action.run();
    }
}
