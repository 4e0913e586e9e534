// What the page knows: the model and every phone, kept up to date by the server's messages
// (examples/live/messages.py).

const LABELS_S = 15 * 60;
const SIGNAL_S = 12;

/** { model, phones: Map of id to phone, selected: id or null, wanted: id to select once it is there } */
export function empty() {
  return { model: null, phones: new Map(), selected: null, wanted: null };
}

/** Takes in one message. */
export function apply(state, message) {
  if (message.type === "hello") {
    state.model = message.model;
    const before = state.phones;
    state.phones = new Map();
    for (const phone of message.phones) setPhone(state, phone, before.get(phone.id));
  } else if (message.type === "phone") {
    setPhone(state, message, state.phones.get(message.id));
  } else if (message.type === "gone") {
    state.phones.delete(message.id);
  } else {
    const phone = state.phones.get(message.id);
    if (message.type === "label") addLabel(phone, message.label);
    if (message.type === "signal") addReadings(phone, message.readings);
  }
  if (state.phones.has(state.wanted)) {
    state.selected = state.wanted;
    state.wanted = null;
  }
  if (!state.phones.has(state.selected)) state.selected = [...state.phones.keys()][0] ?? null;
}

function setPhone(state, told, before) {
  const phone = before ?? { labels: [], signal: {}, now: 0 };
  Object.assign(phone, told, { labels: told.labels ?? phone.labels });
  phone.now = Math.max(phone.now, phone.labels.at(-1)?.end ?? 0);
  state.phones.set(phone.id, phone);
}

function addLabel(phone, label) {
  phone.labels.push(label);
  while (phone.labels[0].end < label.end - LABELS_S) phone.labels.shift();
  phone.now = Math.max(phone.now, label.end);
}

function addReadings(phone, readings) {
  for (const [sensor, time, ...values] of readings) {
    const rows = (phone.signal[sensor] ??= []);
    rows.push([time, ...values]);
    phone.now = Math.max(phone.now, time);
  }
  for (const rows of Object.values(phone.signal)) {
    const first = rows.findIndex(([time]) => time >= phone.now - SIGNAL_S);
    rows.splice(0, first < 0 ? rows.length : first);
  }
}

/** Since when the activity shown has lasted, in seconds of the phone's clock. */
export function since(phone) {
  const last = phone.labels.at(-1);
  let begin = last.begin;
  for (let at = phone.labels.length - 1; at >= 0 && phone.labels[at].name === last.name; at--) {
    begin = phone.labels[at].begin;
  }
  return begin;
}
