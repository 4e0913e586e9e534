/**
 * libhar in a page or in Node: a model file in, labels out. Nothing leaves the device.
 *
 *     import { loadHar } from "./har.mjs";
 *     const har = await loadHar(new URL("har.wasm", import.meta.url));
 *     const model = har.openModel(await (await fetch("walk.har")).arrayBuffer());
 *     const stream = model.createStream({ source: "web_device_motion" });
 *     stream.pushSensor(0, acceleration, timesNs); // m/s^2, [rows][3]
 *     stream.pushSensor(1, rotationRate, timesNs); // degrees a second, [rows][3]
 *     for (const event of stream.events()) console.log(event.name, event.confidence);
 *
 * The library's rules are those of include/har: this file passes its calls on.
 */

/** What `createStream` takes as `source`; "custom" stands for none. */
const PRESETS = Object.freeze([
  "custom",
  "android_sensor",
  "ios_core_motion_accelerometer",
  "ios_device_motion",
  "web_device_motion",
  "web_device_motion_ios",
  "uci_har",
]);
const TEXTS = Object.freeze(["name", "version", "description", "trainingData", "split", "licence", "source", "devices"]);
const FLAGS = Object.freeze({ unknown: 1, afterGap: 2, enter: 4, exit: 8, repeated: 16, contract: 32 });
const REASONS = 8; // bits
const AGAIN = 1;
const PARTIAL = 2;
const EVENT_BYTES = 56;

/**
 * @typedef {"android_sensor" | "ios_core_motion_accelerometer" | "ios_device_motion" | "web_device_motion" | "web_device_motion_ios" | "uci_har"} Preset
 *
 * @typedef {object} Channel one sensor channel, in the order that `push` takes them
 * @property {string} name "acc_x"
 * @property {string} kind "accelerometer"
 * @property {string} axis "x"
 * @property {string} unit "g", "rad/s"
 * @property {string} placement "waist"
 *
 * @typedef {object} Event one label
 * @property {number} classIndex what is decided; -1: unknown
 * @property {string} name of the class; "unknown" for -1
 * @property {number} confidence 0 to 1
 * @property {Float32Array} scores a probability for each class
 * @property {bigint} tStartNs time of the window's first sample
 * @property {bigint} tEndNs time of the window's last sample
 * @property {bigint} sinceNs start of the first window of what is decided
 * @property {number} leftIndex the class that was left; -1: none
 * @property {number} rawIndex the largest of this window's own probabilities; -1: none
 * @property {string[]} flags "enter", "exit", "unknown", "afterGap", "repeated", "contract"
 * @property {string[]} reasons why what arrives is not what the model expects: "unit", "rate", ...
 *
 * @typedef {object} StreamOptions
 * @property {Preset} [source] the sensors that `pushSensor` gets; without it `push` takes the model's own samples
 * @property {number} [hop] samples between windows; the model's without it
 * @property {number} [maxWaitNs] a sensor this far behind another is called silent; without it every sensor is waited for
 */

/** A call that the library refused: `message` names the field, the value and the bound. */
export class HarError extends Error {
  /**
   * @param {string} status "HAR_ERR_CHANNELS"
   * @param {string} message
   * @param {string} field "channels"; "" where there is none
   */
  constructor(status, message, field) {
    super(message);
    this.name = "HarError";
    this.status = status;
    this.field = field;
  }
}

/**
 * Loads the library. Throws a WebAssembly.CompileError where the engine has no SIMD.
 *
 * @param {URL | string | Response | ArrayBuffer | ArrayBufferView | WebAssembly.Module} source of har.wasm
 * @returns {Promise<Har>}
 */
export async function loadHar(source) {
  const instance = await WebAssembly.instantiate(await moduleOf(source), {});
  const exported = /** @type {any} */ (instance.exports);
  exported._initialize();
  return new Har(new Memory(exported));
}

/** @param {URL | string | Response | ArrayBuffer | ArrayBufferView | WebAssembly.Module} source */
async function moduleOf(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(/** @type {BufferSource} */ (source));
  }
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new Error(`${response.url}: HTTP status ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** The module's exports and its memory, which moves when it grows: views are made for each use. */
class Memory {
  /** @param {any} exported */
  constructor(exported) {
    this.calls = exported;
  }

  get view() {
    return new DataView(this.calls.memory.buffer);
  }

  /** @param {number} at */
  text(at) {
    if (at === 0) return "";
    const bytes = new Uint8Array(this.calls.memory.buffer, at);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)).slice());
  }

  /**
   * The address of `bytes` bytes.
   * @param {number} bytes
   */
  take(bytes) {
    const at = this.calls.take(bytes);
    if (at === 0) throw new HarError("HAR_ERR_MEMORY", `no memory for ${bytes} bytes`, "");
    return at;
  }

  /**
   * The address of a copy.
   * @param {ArrayBufferView} values
   */
  copy(values) {
    const at = this.take(Math.max(values.byteLength, 1));
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.calls.memory.buffer, at, values.byteLength).set(bytes);
    return at;
  }

  /**
   * Calls `use` with the addresses of copies, which are given back after it.
   * @template T
   * @param {(ArrayBufferView | number | null)[]} parts values to copy, or a number of bytes, or null
   * @param {(...at: number[]) => T} use
   * @returns {T}
   */
  with(parts, use) {
    /** @type {number[]} */
    const taken = [];
    try {
      for (const part of parts) {
        if (part === null) taken.push(0);
        else taken.push(typeof part === "number" ? this.take(part) : this.copy(part));
      }
      return use(...taken);
    } finally {
      for (const at of taken) this.calls.give(at);
    }
  }

  /**
   * Throws where `status` is an error.
   * @param {number} status
   */
  check(status) {
    if (status >= 0) return status;
    const text = this.text(this.calls.error_text()) || this.text(this.calls.status_text(status));
    const name = this.text(this.calls.status_name(status));
    throw new HarError(name, text, this.text(this.calls.error_field()));
  }
}

/** The bytes of a file, which the model reads in place: given back with the last that uses them. */
class ModelFile {
  #memory;
  #users = 0;

  /**
   * @param {Memory} memory
   * @param {ArrayBufferView} bytes
   */
  constructor(memory, bytes) {
    this.#memory = memory;
    this.at = memory.copy(bytes);
  }

  use() {
    this.#users++;
  }

  leave() {
    if (--this.#users === 0) this.#memory.calls.give(this.at);
  }
}

/** The loaded library. */
export class Har {
  #memory;

  /**
   * Not for callers: `loadHar` makes one.
   * @param {Memory} memory
   */
  constructor(memory) {
    this.#memory = memory;
  }

  /** "0.1.0" */
  get version() {
    const number = this.#memory.calls.version();
    return [number >>> 16, (number >>> 8) & 255, number & 255].join(".");
  }

  /**
   * Opens the bytes of a *.har file, which are checked and copied. Throws HarError.
   *
   * @param {ArrayBuffer | ArrayBufferView} file
   * @returns {Model}
   */
  openModel(file) {
    const bytes = ArrayBuffer.isView(file) ? file : new Uint8Array(file);
    return new Model(this.#memory, bytes);
  }
}

/** One opened model. `close` gives its memory back, once its streams are closed, too. */
export class Model {
  #memory;
  #file;
  #handle;

  /**
   * Not for callers: `Har.openModel` makes one.
   * @param {Memory} memory
   * @param {ArrayBufferView} file
   */
  constructor(memory, file) {
    this.#memory = memory;
    this.#file = new ModelFile(memory, file);
    this.#file.use();
    const [handle, status] = memory.with([4], (at) => {
      const opened = memory.calls.open(this.#file.at, file.byteLength, at);
      return [opened, memory.view.getInt32(at, true)];
    });
    this.#handle = handle;
    if (status < 0) this.#file.leave();
    memory.check(status);

    const numbers = memory.with([9 * 8], (at) => {
      memory.check(memory.calls.info(this.#handle, at));
      return Array.from({ length: 9 }, (_, i) => memory.view.getFloat64(at + 8 * i, true));
    });
    /** Samples of a window. @type {number} */
    this.window = numbers[3];
    /** Samples between two windows. @type {number} */
    this.hop = numbers[4];
    /** Samples a second. @type {number} */
    this.rateHz = numbers[5];
    /** What the network runs in. @type {"fp32" | "int8"} */
    this.numeric = numbers[6] === 1 ? "int8" : "fp32";
    /** Weights and biases. @type {number} */
    this.parameters = numbers[7];
    /** Memory of a stream with the default options. @type {number} */
    this.streamBytes = numbers[8];
    /** Columns after the signal steps, which `Stream.classify` takes. @type {number} */
    this.signalChannelCount = numbers[1];
    /** The names of the classes. @type {readonly string[]} */
    this.classes = Array.from({ length: numbers[2] }, (_, i) =>
      memory.text(memory.calls.class_name(this.#handle, i)));
    /** @type {readonly Channel[]} */
    this.channels = Array.from({ length: numbers[0] }, (_, i) => this.#channel(i));
    /** The texts of the card. @type {Readonly<Record<string, string>>} */
    this.card = Object.fromEntries(
      TEXTS.map((name, i) => [name, memory.text(memory.calls.text(this.#handle, i))]));
  }

  /**
   * @param {number} index
   * @returns {Channel}
   */
  #channel(index) {
    return this.#memory.with([5 * 4], (at) => {
      this.#memory.check(this.#memory.calls.channel(this.#handle, index, at));
      const [name, kind, axis, unit, placement] = Array.from({ length: 5 }, (_, i) =>
        this.#memory.text(this.#memory.view.getUint32(at + 4 * i, true)));
      return { name, kind, axis, unit, placement };
    });
  }

  /** Runs the golden vectors of the file. Throws HarError where this machine differs. */
  selftest() {
    this.#memory.check(this.#memory.calls.selftest(this.#open));
  }

  /**
   * @param {StreamOptions} [options]
   * @returns {Stream}
   */
  createStream(options = {}) {
    const preset = PRESETS.indexOf(options.source ?? "custom");
    if (preset < 0) throw new HarError("HAR_ERR_VALUE", `source is "${options.source}", must be one of ${PRESETS.slice(1).join(", ")}`, "source");
    return this.#memory.with([4], (status) => {
      const handle = this.#memory.calls.stream(
        this.#open, preset, options.hop ?? 0, options.maxWaitNs ?? 0, status);
      this.#memory.check(this.#memory.view.getInt32(status, true));
      return new Stream(this.#memory, handle, this.classes, this.#file);
    });
  }

  close() {
    if (this.#handle === 0) return;
    this.#memory.calls.release(this.#handle);
    this.#file.leave();
    this.#handle = 0;
  }

  get #open() {
    if (this.#handle === 0) throw new HarError("HAR_ERR_NULL", "the model is closed", "model");
    return this.#handle;
  }
}

/** One source of samples on its way to labels. */
export class Stream {
  #memory;
  #handle;
  #classes;
  #file;

  /**
   * Not for callers: `Model.createStream` makes one.
   * @param {Memory} memory
   * @param {number} handle
   * @param {readonly string[]} classes
   * @param {ModelFile} file
   */
  constructor(memory, handle, classes, file) {
    this.#memory = memory;
    this.#handle = handle;
    this.#classes = classes;
    this.#file = file;
    file.use();
  }

  /**
   * Pushes samples of the model's own channels, [rows][channels] in their units, with or without
   * times. Returns how many rows were taken: fewer than given where events wait.
   *
   * @param {Float32Array} samples
   * @param {number} channels
   * @param {BigInt64Array} [timesNs] strictly increasing
   * @returns {number}
   */
  push(samples, channels, timesNs) {
    return this.#pushed(samples, channels, timesNs ?? null, (values, rows, times, taken) =>
      this.#memory.calls.push(this.#open, values, rows, channels, times, taken));
  }

  /**
   * Pushes readings of one sensor of the source, [rows][columns], with their times on one clock for
   * all sensors. Returns how many readings were taken.
   *
   * @param {number} sensor
   * @param {Float32Array} values
   * @param {BigInt64Array} timesNs
   * @param {number} [columns] 3 without it
   * @returns {number}
   */
  pushSensor(sensor, values, timesNs, columns = 3) {
    return this.#pushed(values, columns, timesNs, (at, rows, times, taken) =>
      this.#memory.calls.push_sensor(this.#open, sensor, at, rows, columns, times, taken));
  }

  /**
   * @param {Float32Array} values
   * @param {number} columns
   * @param {BigInt64Array | null} timesNs
   * @param {(values: number, rows: number, times: number, taken: number) => number} call
   */
  #pushed(values, columns, timesNs, call) {
    const rows = values.length / columns;
    if (!Number.isInteger(rows) || (timesNs && timesNs.length !== rows)) {
      const times = timesNs ? ` and ${timesNs.length} times` : "";
      throw new HarError("HAR_ERR_ROWS", `${values.length} values${times} are no rows of ${columns} columns`, "values");
    }
    return this.#memory.with([values, timesNs, 4], (at, times, taken) => {
      this.#memory.check(call(at, rows, times, taken));
      return this.#memory.view.getUint32(taken, true);
    });
  }

  /**
   * The next label, null where none is due.
   * @returns {Event | null}
   */
  poll() {
    return this.#memory.with([EVENT_BYTES], (at) => {
      const status = this.#memory.check(this.#memory.calls.poll(this.#open, at));
      return status === AGAIN ? null : this.#event(at);
    });
  }

  /**
   * All labels that are due, one after the other.
   * @returns {Generator<Event, void, void>}
   */
  *events() {
    for (let event = this.poll(); event !== null; event = this.poll()) yield event;
  }

  /**
   * Classifies one window that the signal steps have already been applied to, beside the stream's
   * own windows.
   *
   * @param {Float32Array} window [model.window][model.signalChannelCount]
   * @param {number} columns
   * @returns {Event}
   */
  classify(window, columns) {
    return this.#memory.with([window, EVENT_BYTES], (values, at) => {
      const rows = Math.floor(window.length / columns);
      this.#memory.check(this.#memory.calls.classify(this.#open, values, rows, columns, at));
      return this.#event(at);
    });
  }

  /** The recording has ended. True when all is out; false: poll and flush again. */
  flush() {
    return this.#memory.check(this.#memory.calls.flush(this.#open)) !== PARTIAL;
  }

  /** Back to the state after create. */
  reset() {
    this.#memory.check(this.#memory.calls.reset(this.#open));
  }

  /**
   * Why the last readings are not what the model expects.
   * @returns {string[]}
   */
  get reasonsNow() {
    return this.#reasons(this.#memory.calls.reasons_now(this.#open));
  }

  close() {
    if (this.#handle === 0) return;
    this.#memory.calls.end_stream(this.#handle);
    this.#file.leave();
    this.#handle = 0;
  }

  /** @param {number} bits */
  #reasons(bits) {
    const single = Array.from({ length: REASONS }, (_, i) => 1 << i).filter((bit) => bits & bit);
    return single.map((bit) => this.#memory.text(this.#memory.calls.reason_name(bit)));
  }

  /**
   * The web_event of glue.c at that address.
   * @param {number} at
   * @returns {Event}
   */
  #event(at) {
    const view = this.#memory.view;
    const classIndex = view.getInt32(at + 32, true);
    const flags = view.getUint32(at + 44, true);
    const scores = view.getUint32(at + 52, true);
    return {
      classIndex,
      name: classIndex < 0 ? "unknown" : this.#classes[classIndex],
      confidence: view.getFloat64(at + 24, true),
      scores: new Float32Array(view.buffer, scores, this.#classes.length).slice(),
      tStartNs: view.getBigInt64(at, true),
      tEndNs: view.getBigInt64(at + 8, true),
      sinceNs: view.getBigInt64(at + 16, true),
      leftIndex: view.getInt32(at + 36, true),
      rawIndex: view.getInt32(at + 40, true),
      flags: Object.entries(FLAGS).filter(([, bit]) => flags & bit).map(([name]) => name),
      reasons: this.#reasons(view.getUint32(at + 48, true)),
    };
  }

  get #open() {
    if (this.#handle === 0) throw new HarError("HAR_ERR_NULL", "the stream is closed", "stream");
    return this.#handle;
  }
}
