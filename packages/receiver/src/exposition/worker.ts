/** Entry of the thread that shows the ledger's metrics: reads, renders and compresses beside the thread that listens. */
import { parentPort, workerData } from "node:worker_threads";
import { createZoneCalendar, systemOffsetAt } from "@moai-metrics/model";
import { databasePath, loadConfig } from "@moai-metrics/settings";
import type { Forwarder } from "@moai-metrics/sqlite-exporter/forward";
import { createUsableStore, storeSettingsOf } from "@moai-metrics/store";
import { createBudgetGauges } from "./budget-gauges.ts";
import { createExposition } from "./exposition.ts";
import type { ExpositionPlace, ExpositionReply, ExpositionRequest, SentNotice } from "./messages.ts";
import { createShownMetrics } from "./shown-metrics.ts";

const { storage, environment, timeZone, forward } = workerData as ExpositionPlace;
const { config } = loadConfig({ environment, folder: "/" });
const file = createUsableStore(
  { path: databasePath(storage), settings: storeSettingsOf(config), prices: config.prices },
  () => performance.now(),
);
const calendar = createZoneCalendar(timeZone, systemOffsetAt);
const shown = createShownMetrics(file, createBudgetGauges({ budgets: config.budgets, calendar, now: Date.now }));
let forwarder: Forwarder | undefined;
const exposition = createExposition({ shown, now: Date.now, pushes: () => forwarder?.counters() });
if (forward !== undefined) {
  // Loaded only where it is wanted.
  void import("./start-forwarder.ts").then(({ startForwarder }) => {
    if (!isClosed) forwarder = startForwarder({ shown, storage, target: forward });
  });
}

let last: Promise<unknown> = Promise.resolve();
let isClosed = false;

async function answer(request: ExpositionRequest): Promise<void> {
  const body = await exposition.render(request);
  const reply: ExpositionReply = { number: request.number, body };
  parentPort?.postMessage(reply, [body.buffer]);
}

const onMessage = (request: ExpositionRequest | SentNotice | "close"): void => {
  if (request !== "close") {
    last = last.then(() => ("sentTo" in request ? exposition.confirm(request.sentTo) : answer(request)));
    return;
  }
  parentPort?.off("message", onMessage);
  isClosed = true;
  void Promise.all([last, forwarder?.stop()]).then(() => {
    file.close();
    parentPort?.close();
  });
};

parentPort?.on("message", onMessage);
