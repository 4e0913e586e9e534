// What the page shows.

const find = (selector) => document.querySelector(selector);
const words = (name) => name.charAt(0) + name.slice(1).toLowerCase().replaceAll("_", " ");
const MOST_HISTORY = 500;
const percent = (value) => `${Math.round(100 * value)} %`;
const PLACES = { waist: "on the belt, in landscape, its right edge up" };
const REASONS = {
  unit: "The values are far too large or too small.",
  rate: "The readings come too slowly for the model.",
  clipping: "A sensor is at the end of its range.",
  stuck_axis: "One axis of a sensor does not change.",
  gravity_direction: "The phone is held as it never was in training: check where and which way round it is worn.",
  rotation: "Acceleration and rotation contradict each other: has one the opposite sign?",
  gravity: "Gravity is missing.",
  sensor_silent: "A sensor has stopped.",
};

export const show = (text) => (find("#activity").textContent = text);
export const showState = (text) => (find("#state").textContent = text);
export const showDetail = (text) => (find("#detail").textContent = text);

export function showModel(model) {
  const place = model.channels[0].placement;
  showDetail(`Wear the phone ${PLACES[place] ?? place}.`);
  const size = `${model.parameters.toLocaleString("en")} parameters, ${model.numeric.toUpperCase()}`;
  find("#model").textContent = `${model.card.name} · ${size}`;
  find("#bars").replaceChildren(...model.classes.map((name) => {
    const item = document.createElement("li");
    const meter = document.createElement("meter");
    meter.setAttribute("aria-label", words(name));
    item.append(words(name), document.createElement("span"), meter);
    return item;
  }));
}

export function showEvent(model, event) {
  show(words(event.name));
  showDetail(`${percent(event.confidence)} sure · for ${Math.round(Number(event.tEndNs - event.sinceNs) / 1e9)} s`);
  [...find("#bars").children].forEach((item, index) => {
    item.classList.toggle("decided", index === event.classIndex);
    item.querySelector("meter").value = event.scores[index];
    item.querySelector("span").textContent = percent(event.scores[index]);
  });
  const item = document.createElement("li");
  const time = document.createElement("span");
  time.textContent = new Date().toLocaleTimeString();
  item.append(words(event.name), time);
  Object.assign(item.dataset, { name: event.name, confidence: event.confidence, end: event.tEndNs });
  find("#history").prepend(item);
  if (find("#history").children.length > MOST_HISTORY) find("#history").lastChild.remove();
}

export function showReasons(names) {
  find("#complaints").hidden = names.length === 0;
  find("#complaints ul").replaceChildren(...names.map((name) => {
    const item = document.createElement("li");
    item.textContent = REASONS[name] ?? name;
    return item;
  }));
}
