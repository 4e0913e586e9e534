package org.libhar.example

import android.app.Activity
import android.content.Context
import android.hardware.SensorManager
import android.os.Bundle
import android.os.Handler
import android.os.HandlerThread
import android.view.Gravity
import android.widget.TextView
import org.libhar.HarEvent
import org.libhar.HarModel
import org.libhar.android.HarAssets
import org.libhar.android.HarSensorListener

/** Shows what the person who carries this phone is doing, while the app is on the screen. */
class MainActivity : Activity() {
    private val thread = HandlerThread("motion")
    private lateinit var model: HarModel
    private lateinit var motion: HarSensorListener
    private lateinit var shown: TextView

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        shown = TextView(this)
        shown.gravity = Gravity.CENTER
        shown.textSize = 32f
        shown.text = "wear the phone at the waist"
        setContentView(shown)
        thread.start()
        model = HarAssets.open(this, "hapt_gru_int8.har")
        motion = HarSensorListener(model) { event -> runOnUiThread { show(event) } }
    }

    override fun onResume() {
        super.onResume()
        val sensors = getSystemService(Context.SENSOR_SERVICE) as SensorManager
        try {
            motion.register(sensors, Handler(thread.looper))
        } catch (lacking: IllegalStateException) {
            shown.text = lacking.message
        }
    }

    override fun onPause() {
        motion.close()
        super.onPause()
    }

    override fun onDestroy() {
        thread.quitSafely()
        model.close()
        super.onDestroy()
    }

    private fun show(event: HarEvent) {
        val doubts = event.reasonNames().joinToString()
        shown.text = "${event.name}\n${(event.confidence * 100).toInt()} %\n$doubts"
    }
}
