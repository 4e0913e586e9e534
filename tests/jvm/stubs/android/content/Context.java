package android.content;

import android.content.res.AssetManager;

/** Stands in for Android's class in tests. */
public class Context {
    public static final String SENSOR_SERVICE = "sensor";

    private final AssetManager assets;

    public Context(AssetManager assets) {
        this.assets = assets;
    }

    public AssetManager getAssets() {
        return assets;
    }

    public Object getSystemService(String name) {
        return null;
    }
}
