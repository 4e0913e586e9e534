// The device's own DeviceMotion events, as the library takes them.

const ACCELEROMETER = 0;
const GYROSCOPE = 1;
const NS_PER_MS = 1e6;

/**
 * Asks for permission where the browser wants that, and calls `push(sensor, values, timesNs)` for
 * every reading. Throws, saying why, where there are no sensors.
 */
export async function watchMotion(push) {
  if (!isSecureContext) throw new Error("Browsers give sensors only to https pages.");
  if (typeof DeviceMotionEvent === "undefined") throw new Error("This browser has no motion sensors.");
  if (typeof DeviceMotionEvent.requestPermission === "function") {
    const answer = await DeviceMotionEvent.requestPermission().catch(() => "denied");
    if (answer !== "granted") throw new Error("The browser did not allow the sensors.");
  }
  addEventListener("devicemotion", (event) => {
    const force = event.accelerationIncludingGravity ?? {};
    const rate = event.rotationRate ?? {};
    const time = event.timeStamp;
    pass(push, ACCELEROMETER, [force.x, force.y, force.z], time);
    pass(push, GYROSCOPE, [rate.alpha, rate.beta, rate.gamma], time);
  });
}

/** A reading that is whole; a browser gives null for what it has no sensor for. */
function pass(push, sensor, values, timeMs) {
  if (!values.every(Number.isFinite)) return;
  push(sensor, Float32Array.from(values), BigInt64Array.of(BigInt(Math.round(timeMs * NS_PER_MS))));
}
