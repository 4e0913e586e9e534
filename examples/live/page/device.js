// The sensors of the device that shows the page: its DeviceMotion events, sent in batches
// (examples/live/web_motion.py).

import { connect } from "./socket.js";

const BATCH_MS = 100;
const MOST_WAITING = 600; // batches: a minute without the server
const IDS = "0123456789abcdef";

const find = (selector) => document.querySelector(selector);
const say = (text) => (find("#device-text").textContent = text);

/** Offers to take this device's sensors; `select` shows the phone that it becomes. */
export function offerDevice(select) {
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) ||
    (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  find("#device-name").value = apple ? "iPhone" : /Android/.test(navigator.userAgent) ? "Android" : "browser";
  find("#device-preset").value = apple ? "web_device_motion_ios" : "web_device_motion";
  if (!isSecureContext) {
    say("Browsers give sensors only to https pages: start the server with --tls-cert.");
    find("#device-start").disabled = true;
  }
  find("#device-start").onclick = (event) => {
    event.preventDefault();
    if (find("#device-form").reportValidity()) start(select);
  };
}

/** Called by a tap itself, without which Safari does not ask for permission. */
async function start(select) {
  if (typeof DeviceMotionEvent === "undefined") return say("This browser has no motion sensors.");
  if (typeof DeviceMotionEvent.requestPermission === "function") {
    const answer = await DeviceMotionEvent.requestPermission().catch(() => "denied");
    if (answer !== "granted") return say("The browser did not allow the sensors.");
  }
  for (const input of find("#device-form").elements) input.disabled = true;
  navigator.wakeLock?.request("screen").catch(() => {}); // a dark screen sends no events
  say("Waiting for the first motion event…");
  const id = identity();
  const query = new URLSearchParams({
    id,
    name: find("#device-name").value,
    preset: find("#device-preset").value,
  });
  select(id);
  send(`/motion?${query}`);
}

/** One name for as long as the page is open: a new connection goes on with the same session. */
function identity() {
  const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => IDS[byte % 16]);
  return made.join("");
}

/** Sends every event. What the server has not answered is kept and sent again. */
function send(path) {
  let number = 0;
  let samples = [];
  let waiting = [];

  addEventListener("devicemotion", (event) => {
    const force = event.accelerationIncludingGravity ?? {};
    const rate = event.rotationRate ?? {};
    const values = [force.x, force.y, force.z, rate.alpha, rate.beta, rate.gamma];
    if (values.every((value) => value == null)) return;
    samples.push([event.timeStamp, ...values.map((value) => value ?? null)]);
  });

  const socket = connect(path, {
    message(answer) {
      if (answer.refused) {
        socket.close();
        return say(answer.refused);
      }
      waiting = waiting.filter((batch) => batch.batch > answer.taken);
      say(`Sending; ${answer.taken + 1} batches taken.`);
    },
    state(now) {
      if (now === "connected") waiting.forEach((batch) => socket.send(batch));
      else say(`Not connected; ${waiting.length} batches wait.`);
    },
  });

  setInterval(() => {
    if (samples.length === 0) return;
    const batch = { batch: number++, samples };
    samples = [];
    waiting.push(batch);
    if (waiting.length > MOST_WAITING) {
      waiting.shift();
      say("The server has been away for more than a minute; the oldest samples are lost.");
    }
    socket.send(batch);
  }, BATCH_MS);
}
