/** Entry of the thread that reads the store for the dashboard. */
import module from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { FromReader, ReaderPlace, ToReader } from "./messages.ts";

// Each thread has its own: without it, a thread compiles everything anew.
module.enableCompileCache();
const { createReaderLoop } = await import("./reader-loop.ts");

/** Asking SQLite whether someone wrote takes microseconds; a call is seen a quarter of a second after its commit. */
const LOOK_MILLIS = 250;

const loop = createReaderLoop(workerData as ReaderPlace, {
  now: Date.now,
  say: (message: FromReader) => parentPort?.postMessage(message),
});
const timer = setInterval(() => loop.look(), LOOK_MILLIS);
parentPort?.on("message", (message: ToReader) => {
  loop.take(message);
  if (message.kind !== "stop") return;
  clearInterval(timer);
  loop.close();
  parentPort?.close();
});
loop.look();
