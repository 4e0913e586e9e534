// The last minutes as coloured bands, the present at the right.

import { cleared, style } from "./canvas.js";
import { fill, ink, striped, words } from "./classes.js";

const SPAN_S = 300;
const TICK_S = 60;
const AXIS = 18;
const TICK_WIDTH = 64; // of its text, with room around it
const FONT = "12px system-ui, sans-serif";

export function drawTimeline(canvas, phone) {
  const { pen, width, height } = cleared(canvas);
  const x = (time) => width - ((phone.now - time) / SPAN_S) * width;
  pen.font = FONT;
  pen.textBaseline = "middle";
  drawAxis(pen, width, height, x, phone.now);
  for (const band of bands(phone.labels)) drawBand(pen, band, x, height - AXIS);
}

/** Runs of the same label; each label stands for the time from the end of the one before. */
function bands(labels) {
  const found = [];
  let end = null;
  for (const label of labels) {
    const begin = end === null || label.after_gap ? label.begin : end;
    const last = found.at(-1);
    end = label.end;
    if (last && last.index === label.class && last.end === begin) last.end = end;
    else found.push({ begin, end, index: label.class, name: label.name });
  }
  return found;
}

function drawBand(pen, band, x, height) {
  const left = Math.max(x(band.begin), 0);
  const right = x(band.end);
  if (right <= 0) return;
  pen.fillStyle = fill(pen, band.index);
  pen.fillRect(left, 0, Math.max(right - left, 1), height);
  const text = words(band.name);
  if (pen.measureText(text).width + 10 > right - left) return;
  pen.textAlign = "center";
  if (striped(band.index)) { // a light edge around the letters
    pen.strokeStyle = "rgb(255 255 255 / 85%)";
    pen.lineWidth = 5;
    pen.lineJoin = "round";
    pen.strokeText(text, (left + right) / 2, height / 2);
  }
  pen.fillStyle = ink(band.index);
  pen.fillText(text, (left + right) / 2, height / 2);
}

function drawAxis(pen, width, height, x, now) {
  const line = height - AXIS;
  pen.fillStyle = style("--track");
  pen.fillRect(0, 0, width, line);
  pen.fillStyle = style("--quiet");
  const every = (TICK_S / SPAN_S) * width < TICK_WIDTH ? 2 : 1;
  for (let ago = 0; ago <= SPAN_S; ago += TICK_S) {
    const at = x(now - ago);
    pen.fillRect(Math.min(at, width - 1), line, 1, 4);
    if ((ago / TICK_S) % every !== 0) continue;
    pen.textAlign = ago === 0 ? "right" : ago === SPAN_S ? "left" : "center";
    pen.fillText(ago === 0 ? "now" : `−${ago / 60} min`, at, height - 6);
  }
}
