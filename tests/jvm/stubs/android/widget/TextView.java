package android.widget;

import android.content.Context;
import android.view.View;

/** Stands in for Android's class in tests. */
public class TextView extends View {
    private CharSequence text = "";
    private float size;
    private int gravity;

    public TextView(Context context) {
        super(context);
    }

    public CharSequence getText() {
        return text;
    }

    public final void setText(CharSequence text) {
        this.text = text;
    }

    public float getTextSize() {
        return size;
    }

    public void setTextSize(float size) {
        this.size = size;
    }

    public int getGravity() {
        return gravity;
    }

    public void setGravity(int gravity) {
        this.gravity = gravity;
    }
}
