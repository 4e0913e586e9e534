// Runs a program that was built for WASI: node tests/cross/wasi.mjs PROGRAM WORD...
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
