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
const exposition = createExposition({ file });

const onMessage = (request: ExpositionRequest | "close"): void => {
  if (request === "close") {
    parentPort?.off("message", onMessage);
    file.close();
    parentPort?.close();
    return;
  }
  const body = exposition.render(request);
  const reply: ExpositionReply = { number: request.number, body };
  parentPort?.postMessage(reply, [body.buffer as ArrayBuffer]);
};

parentPort?.on("message", onMessage);
