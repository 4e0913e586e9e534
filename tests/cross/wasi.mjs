// Runs a program that was built for WASI, its words after it; tests/cross/wasi has the options of Node.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const words = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args: words,
  env: process.env,
  preopens: { "/": "/", ".": "." },
  returnOnExit: true,
});
const module = await WebAssembly.compile(await readFile(words[0]));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance);
