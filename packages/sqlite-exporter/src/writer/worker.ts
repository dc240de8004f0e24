/** Entry of the writing thread: takes jobs, answers with what became of them. */
import { parentPort, workerData } from "node:worker_threads";
import { createThreadGate } from "@moai-metrics/store";
import { createJobWriter } from "./job-writer.ts";
import type { Job, WriterReport, WriterThreadData } from "./jobs.ts";

const { gateState, ...place } = workerData as WriterThreadData;
const writer = createJobWriter({ ...place, gate: createThreadGate(gateState) });

const onMessage = (job: Job | "close"): void => {
  if (job !== "close") {
    void writer.carryOut(job).then((outcome) => {
      const report: WriterReport = { outcome, counters: writer.counters() };
      parentPort?.postMessage(report);
    });
    return;
  }
  // A job that comes behind this would open the file again in a thread that is about to end: it is left to the spool.
  parentPort?.off("message", onMessage);
  void writer.close().then(() => parentPort?.close());
};

parentPort?.on("message", onMessage);
