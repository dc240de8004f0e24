/** Entry of the thread that reads the store for the dashboard, and takes in what agents leave behind when nobody else does. */
import module from "node:module";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { FromReader, ReaderPlace, ToReader } from "./messages.ts";

// Each thread has its own: without it, a thread compiles everything anew.
module.enableCompileCache();
const { createReader } = await import("./reader.ts");

const port = parentPort as MessagePort;
const reader = createReader(workerData as ReaderPlace, {
  say: (message: FromReader) => port.postMessage(message),
  waiting: () => receiveMessageOnPort(port)?.message as ToReader | undefined,
  onEnd: () => port.close(),
});
port.on("message", (message: ToReader) => reader.take(message));
