package org.libhar.android;

import android.content.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.libhar.HarModel;

/** Models that an app carries as assets. */
public final class HarAssets {
    private static final int PIECE = 64 * 1024;

    private HarAssets() {}

    /** Opens the model at `name` below the app's assets. Throws HarException where it is no model. */
    public static HarModel open(Context context, String name) throws IOException {
        try (InputStream in = context.getAssets().open(name)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] piece = new byte[PIECE];
            for (int count; (count = in.read(piece)) >= 0; ) all.write(piece, 0, count);
            return HarModel.open(all.toByteArray());
        }
    }
}
