// The ES module under Node: HAR_WEB_PAGE=build/web-page/page node --test tests/web/module.test.mjs

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

const page = resolve(process.env.HAR_WEB_PAGE ?? "build/web-page/page");
const { loadHar, HarError } = await import(pathToFileURL(`${page}/har.mjs`));
const wasm = await WebAssembly.compile(await readFile(`${page}/har.wasm`));
const student = await readFile("models/uci_har_student_int8.har");
const rows = (await readFile("examples/recordings/simulated.csv", "utf8"))
  .split("\n")
  .filter((line) => /^[-\d]/.test(line))
  .map((line) => line.split(",").slice(0, 6).map(Number));

function labels(stream, chunk) {
  const found = [];
  const samples = Float32Array.from(rows.flat());
  for (let at = 0; at < samples.length;) {
    at += 6 * stream.push(samples.subarray(at, at + 6 * chunk), 6);
    for (const event of stream.events()) found.push([event.name, event.confidence, event.tEndNs]);
  }
  return found;
}

test("the module imports nothing", () => {
  assert.deepEqual(WebAssembly.Module.imports(wasm), []);
});

test("a model tells what it is", async () => {
  const har = await loadHar(wasm);
  assert.match(har.version, /^\d+\.\d+\.\d+$/);
  const model = har.openModel(student);
  model.selftest();
  assert.deepEqual([model.window, model.hop, model.rateHz, model.numeric], [128, 64, 50, "int8"]);
  assert.deepEqual(model.channels[5], { name: "gyro_z", kind: "gyroscope", axis: "z", unit: "rad/s", placement: "waist" });
  assert.equal(model.card.name, "uci_har_student_int8");
  assert.equal(model.classes.length, 6);
});

test("labels do not depend on the pushes, and a reset forgets", async () => {
  const model = (await loadHar(wasm)).openModel(student);
  const stream = model.createStream();
  const found = labels(stream, 1);
  assert.equal(found.length, 96);
  assert.equal(found[0][2], 2540000000n);
  for (const chunk of [7, 500, 6254]) {
    stream.reset();
    assert.deepEqual(labels(stream, chunk), found);
  }
});

test("what is refused is said", async () => {
  const har = await loadHar(wasm);
  const is = (status, field) => (error) =>
    error instanceof HarError && error.status === status && error.field === field && error.message.length > 10;
  assert.throws(() => har.openModel(new Uint8Array(100)), is("HAR_ERR_FILE_IDENTIFIER", "file identifier"));
  const model = har.openModel(student);
  assert.throws(() => model.createStream({ source: "nokia" }), is("HAR_ERR_VALUE", "source"));
  assert.throws(() => model.createStream({ hop: 1000 }), is("HAR_ERR_VALUE", "config.hop"));
  const stream = model.createStream();
  assert.throws(() => stream.push(new Float32Array(5), 5), is("HAR_ERR_CHANNELS", "channels"));
  assert.throws(() => stream.push(new Float32Array(7), 6), is("HAR_ERR_ROWS", "values"));
  assert.throws(() => stream.push(new Float32Array(12), 6, BigInt64Array.of(1n)), is("HAR_ERR_ROWS", "values"));
  const nan = new Float32Array(6).fill(NaN);
  assert.throws(() => stream.push(nan, 6), (error) => error.status === "HAR_ERR_SAMPLE_NOT_FINITE");
});

test("memory comes back, and a model outlives its close while a stream uses it", async () => {
  const har = await loadHar(wasm);
  const file = await readFile("models/uci_har_cnn.har");
  for (let i = 0; i < 600; i++) { // 4 GB without the close
    const model = har.openModel(file);
    const stream = model.createStream();
    model.close();
    assert.throws(() => model.createStream(), HarError);
    if (i === 0) assert.equal(labels(stream, 100).length, 96);
    stream.close();
    assert.throws(() => stream.poll(), HarError);
  }
});
