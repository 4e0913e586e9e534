// What the sensors measure: one canvas a sensor, the last ten seconds.

import { cleared, style } from "./canvas.js";

const SPAN_S = 10;
const TITLES = { accelerometer: "Acceleration", gyroscope: "Rotation", magnetometer: "Magnetic field" };
const LEAST_RANGE = { accelerometer: 2, gyroscope: 0.5, magnetometer: 10 };

export function drawCurves(holder, phone) {
  const last = Math.max(...Object.values(phone.signal).map((rows) => rows.at(-1)?.[0] ?? 0));
  for (const [sensor, sent] of Object.entries(phone.units)) {
    const rows = phone.signal[sensor];
    if (!rows) continue;
    const figure = figureOf(holder, sensor);
    const unit = sent.replace("^2", "²");
    figure.querySelector("figcaption").textContent = `${TITLES[sensor] ?? sensor} (${unit})`;
    drawOne(figure.querySelector("canvas"), rows, last, LEAST_RANGE[sensor] ?? 1);
  }
  for (const figure of [...holder.children]) {
    if (!(figure.dataset.sensor in phone.signal)) figure.remove();
  }
}

function figureOf(holder, sensor) {
  const found = [...holder.children].find((figure) => figure.dataset.sensor === sensor);
  if (found) return found;
  const figure = document.createElement("figure");
  figure.dataset.sensor = sensor;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Curves of the ${sensor}`);
  figure.append(document.createElement("figcaption"), canvas);
  holder.append(figure);
  return figure;
}

function drawOne(canvas, rows, now, leastRange) {
  const { pen, width, height } = cleared(canvas);
  const shown = rows.filter(([time]) => time >= now - SPAN_S);
  const values = shown.flatMap(([, ...axes]) => axes);
  if (values.length === 0) return;
  let [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const spare = Math.max(leastRange - (high - low), 0) / 2 + 0.06 * (high - low);
  [low, high] = [low - spare, high + spare];
  const x = (time) => width - ((now - time) / SPAN_S) * width;
  const y = (value) => height - ((value - low) / (high - low)) * height;
  pen.fillStyle = style("--track");
  pen.fillRect(0, y(0), width, 1);
  ["--x", "--y", "--z"].forEach((name, axis) => {
    pen.strokeStyle = style(name);
    pen.lineWidth = 1.5;
    pen.beginPath();
    shown.forEach((row, at) => {
      // a hole in the signal is a hole in the curve
      const joined = at > 0 && row[0] - shown[at - 1][0] < 0.5;
      if (joined) pen.lineTo(x(row[0]), y(row[axis + 1]));
      else pen.moveTo(x(row[0]), y(row[axis + 1]));
    });
    pen.stroke();
  });
  drawScale(pen, y, Math.min(0, ...values), Math.max(0, ...values));
}

/** The largest and the smallest value, readable over the curves. */
function drawScale(pen, y, low, high) {
  pen.font = "11px system-ui, sans-serif";
  pen.lineWidth = 4;
  pen.lineJoin = "round";
  for (const [value, base] of [[high, "top"], [low, "bottom"]]) {
    if (value === 0) continue;
    const text = Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0);
    pen.textBaseline = base;
    pen.strokeStyle = style("--card");
    pen.strokeText(text, 2, y(value));
    pen.fillStyle = style("--quiet");
    pen.fillText(text, 2, y(value));
  }
}
