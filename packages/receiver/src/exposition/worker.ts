/** Entry of the thread that shows the ledger's metrics: reads, renders and compresses beside the thread that listens. */
import { parentPort, workerData } from "node:worker_threads";
import { databasePath, loadConfig } from "@moai-metrics/settings";
import { createUsableStore, storeSettingsOf } from "@moai-metrics/store";
import { createExposition } from "./exposition.ts";
import type { ExpositionPlace, ExpositionReply, ExpositionRequest } from "./messages.ts";

const { storage, environment } = workerData as ExpositionPlace;
const { config } = loadConfig({ environment, folder: "/" });
const file = createUsableStore(
  { path: databasePath(storage), settings: storeSettingsOf(config), prices: config.prices },
  () => performance.now(),
);
const exposition = createExposition({ file, now: Date.now });

let last: Promise<void> = Promise.resolve();

async function answer(request: ExpositionRequest): Promise<void> {
  const body = await exposition.render(request);
  const reply: ExpositionReply = { number: request.number, body };
  parentPort?.postMessage(reply, [body.buffer]);
}

const onMessage = (request: ExpositionRequest | "close"): void => {
  if (request !== "close") {
    last = last.then(() => answer(request));
    return;
  }
  parentPort?.off("message", onMessage);
  void last.then(() => {
    file.close();
    parentPort?.close();
  });
};

parentPort?.on("message", onMessage);
