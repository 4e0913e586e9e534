package android.content;

import android.content.res.AssetManager;

/** Stands in for Android's class in tests. */
public class Context {
    private final AssetManager assets;

    public Context(AssetManager assets) {
        this.assets = assets;
    }

    public AssetManager getAssets() {
        return assets;
    }
}
