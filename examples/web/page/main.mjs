// The page: loads the library and the model, then classifies this device's motion here. Nothing is
// sent anywhere.

import { loadHar } from "./har.mjs";
import { watchMotion } from "./motion.mjs";
import { show, showDetail, showEvent, showModel, showReasons, showState } from "./view.mjs";

const MODEL = "model.har";
const MAX_WAIT_NS = 2e9; // `har run --source` has the same

const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) ||
  (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
const form = document.querySelector("#form");
const source = document.querySelector("#source");
const start = document.querySelector("#start");

/** After the first visit the page needs no network: offline.js keeps its files. */
async function keep() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("offline.js");
  await navigator.serviceWorker.ready;
  document.querySelector("#offline").textContent = "works offline";
}

async function load() {
  const [har, file] = await Promise.all([
    loadHar(new URL("har.wasm", import.meta.url)),
    fetch(MODEL).then((answer) => answer.arrayBuffer()),
  ]);
  const model = har.openModel(file);
  model.selftest(); // this browser computes what was trained, or says so
  return model;
}

/** Called by the tap itself, without which Safari does not ask for permission. */
async function begin(model) {
  const stream = model.createStream({ source: source.value, maxWaitNs: MAX_WAIT_NS });
  await watchMotion((sensor, values, timeNs) => {
    try {
      stream.pushSensor(sensor, values, timeNs);
    } catch (problem) {
      showState(`A reading was refused: ${problem.message}`); // the next ones are taken
    }
    for (const event of stream.events()) showEvent(model, event);
    showReasons(stream.reasonsNow);
  });
  navigator.wakeLock?.request("screen").catch(() => {}); // a dark screen sends no events
  for (const input of form.elements) input.disabled = true;
  form.hidden = true;
  showState("Measuring on this device");
  showDetail(`The first label comes after ${(model.window / model.rateHz).toFixed(1)} s.`);
  show("…");
}

source.value = apple ? "web_device_motion_ios" : "web_device_motion";
keep().catch((problem) => console.warn(`not kept for offline use: ${problem.message}`));
try {
  const model = await load();
  showModel(model);
  showState("Ready");
  show("Start, and move");
  start.disabled = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    begin(model).catch((problem) => showState(problem.message));
  };
} catch (problem) {
  showState(`The library or the model cannot be loaded: ${problem.message}`);
}
