// The parts of the page that are text and bars.

import { background, words } from "./classes.js";
import { since } from "./state.js";

const find = (selector) => document.querySelector(selector);
const percent = (value) => `${Math.round(100 * value)} %`;
const BY = { app: "SensorServer app", browser: "browser", recording: "recording" };
const STATES = { waiting: "connecting", connected: "connected", broken: "not connected", finished: "ended" };
const PLACES = { waist: "on the belt, in landscape, its right edge up" };

export function showModel(model) {
  const place = PLACES[model.placement] ?? words(model.placement).toLowerCase();
  find("#model").textContent = `${model.name} · wear the phone ${place}`;
}

/** One tab a phone; the only phone has none. */
export function showTabs(state, select) {
  const tabs = [...state.phones.values()].map((phone) => {
    const tab = element("button", phone.name);
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(phone.id === state.selected));
    tab.dataset.state = phone.state;
    const last = phone.labels.at(-1);
    tab.prepend(dot());
    tab.append(element("small", last ? words(last.name) : "no label yet"));
    if (phone.reasons.length > 0) tab.append(element("b", "!"));
    tab.onclick = () => select(phone.id);
    return tab;
  });
  find("#phones").replaceChildren(...tabs);
  find("#phones").hidden = tabs.length < 2;
}

export function showNow(phone) {
  const last = phone.labels.at(-1);
  find("#now").dataset.state = phone.state;
  find("#now").classList.toggle("doubtful", phone.reasons.length > 0);
  find("#state-text").textContent =
    `${phone.name} · ${BY[phone.by]} · ${STATES[phone.state]}${phone.text ? `: ${phone.text}` : ""}`;
  find("#activity").textContent = last ? words(last.name) : "No label yet";
  find("#detail").textContent = last
    ? `${percent(last.confidence)} sure · for ${duration(last.end - since(phone))}`
    : "the first comes when a whole window has been measured";
}

function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A bar for each class; the bars are the legend of the timeline too. */
export function showBars(model, phone) {
  const list = find("#bars");
  if (list.children.length !== model.classes.length) {
    list.replaceChildren(...model.classes.map(bar));
  }
  const last = phone.labels.at(-1);
  [...list.children].forEach((item, index) => {
    const score = last?.scores[index] ?? 0;
    item.classList.toggle("chosen", last?.class === index);
    item.querySelector(".fill").style.width = `${100 * score}%`;
    item.querySelector("output").textContent = last ? percent(score) : "";
  });
}

function bar(name, index) {
  const item = document.createElement("li");
  const swatch = element("i", "");
  const track = element("span", "", "track");
  const filled = element("span", "", "fill");
  swatch.style.background = filled.style.background = background(index);
  track.append(filled);
  item.append(swatch, element("span", words(name), "name"), track, element("output", ""));
  return item;
}

export function showComplaints(phone) {
  const texts = phone.reasons.map((reason) => element("li", reason));
  find("#complaints").hidden = texts.length === 0;
  find("#complaints ul").replaceChildren(...texts);
}

export function showNotices(phone) {
  const told = [...phone.notices].reverse();
  const items = told.map(({ text, count }) =>
    element("li", count > 1 ? `${text} (${count} times)` : text));
  const sum = `${phone.taken} readings taken, ${phone.refused} refused`;
  find("#notices").hidden = items.length === 0;
  find("#notices ul").replaceChildren(...items, element("li", sum, "sum"));
}

/** All labels as text, the latest first; only what is new is added. */
export function showHistory(phone) {
  const list = find("#history");
  if (list.dataset.phone !== phone.id) {
    list.dataset.phone = phone.id;
    list.replaceChildren();
  }
  const newest = Number(list.firstElementChild?.dataset.number ?? -1);
  for (const label of phone.labels) if (label.number > newest) list.prepend(historyItem(label));
  const oldest = phone.labels[0]?.number ?? 0;
  while (list.lastElementChild && Number(list.lastElementChild.dataset.number) < oldest) {
    list.lastElementChild.remove();
  }
}

function historyItem(label) {
  const item = document.createElement("li");
  Object.assign(item.dataset, {
    number: label.number,
    name: label.name,
    confidence: label.confidence,
    end: label.end_ns,
  });
  const swatch = element("i", "");
  swatch.style.background = background(label.class);
  const clock = new Date(1000 * Math.max(label.end, 0)).toISOString().slice(11, 19);
  item.append(element("time", clock), swatch, words(label.name),
    element("output", percent(label.confidence)));
  if (label.after_gap) item.append(element("small", "after a gap"));
  return item;
}

function element(tag, text, name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = name;
  return made;
}

function dot() {
  return element("span", "", "dot");
}
