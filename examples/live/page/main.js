// Joins the server's messages, what the page knows, and what it shows.

import { drawCurves } from "./curves.js";
import { offerDevice } from "./device.js";
import { connect } from "./socket.js";
import { apply, empty } from "./state.js";
import { drawTimeline } from "./timeline.js";
import * as view from "./view.js";

const state = empty();
let drawing = false;

function draw() {
  drawing = false;
  const phone = state.phones.get(state.selected);
  view.showTabs(state, select);
  document.querySelector("#phone").hidden = !phone;
  if (!phone) return;
  view.showNow(phone);
  view.showComplaints(phone);
  view.showBars(state.model, phone);
  view.showHistory(phone);
  view.showNotices(phone);
  drawTimeline(document.querySelector("#timeline"), phone);
  drawCurves(document.querySelector("#curves"), phone);
}

function redraw() {
  if (!drawing) requestAnimationFrame(draw);
  drawing = true;
}

function select(id) {
  state.selected = id;
  redraw();
}

const server = document.querySelector("#server");
connect("/live", {
  message(message) {
    apply(state, message);
    if (message.type === "hello") view.showModel(state.model);
    redraw();
  },
  state(now) {
    server.dataset.state = now;
    server.textContent = now === "connected" ? "live" : "server not reached";
  },
});
offerDevice((id) => (state.wanted = id));
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
