/** Entry of the thread that decodes and writes: takes batches of requests, answers with what became of them. */
import { parentPort, workerData } from "node:worker_threads";
import { databasePath, loadConfig } from "@moai-metrics/settings";
import { createUsableStore, storeSettingsOf } from "@moai-metrics/store";
import { projectConfigs } from "../project-configs.ts";
import { createIngest } from "./ingest.ts";
import {
  type IngestBatch,
  type IngestPlace,
  type IngestReport,
  packOutcomes,
  type SessionName,
  unpackBatch,
} from "./jobs.ts";

const { storage, environment, namesSessions } = workerData as IngestPlace;
const { config } = loadConfig({ environment, folder: "/" });
const path = databasePath(storage);
const { labels, prices } = config;
const file = createUsableStore({ path, settings: storeSettingsOf(config), prices, labels }, () => performance.now());
// What is wrong with a project's settings is told by the thread that reads transcripts.
const ingest = createIngest({
  file,
  configOf: projectConfigs(environment, () => {}),
  labels,
  onSession: namesSessions ? noteSession : undefined,
});

const known = new Set<string>();
let newSessions: SessionName[] = [];

function noteSession({ product, sessionId }: SessionName): void {
  const key = JSON.stringify([product, sessionId]);
  if (known.has(key)) return;
  known.add(key);
  newSessions.push({ product, sessionId });
}

let last: Promise<void> = Promise.resolve();

async function takeIn(batch: IngestBatch): Promise<void> {
  const outcomes = packOutcomes(await ingest.take(unpackBatch(batch)));
  const report: IngestReport = { number: batch.number, outcomes, counters: ingest.counters(), newSessions };
  parentPort?.postMessage(report);
  newSessions = [];
}

const onMessage = (batch: IngestBatch | "close"): void => {
  if (batch !== "close") {
    last = last.then(() => takeIn(batch));
    return;
  }
  parentPort?.off("message", onMessage);
  void last.then(() => {
    file.close();
    parentPort?.close();
  });
};

parentPort?.on("message", onMessage);
