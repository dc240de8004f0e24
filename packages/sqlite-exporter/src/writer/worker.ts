/** Entry of the writing thread: takes jobs, answers with what became of them. */
import { parentPort, workerData } from "node:worker_threads";
import { createThreadGate } from "@moai-metrics/store";
import { createJobWriter } from "./job-writer.ts";
import type { Command, Job, JobOutcome, WriterReport, WriterThreadData } from "./jobs.ts";

const { gateState, ...place } = workerData as WriterThreadData;
const writer = createJobWriter({ ...place, gate: createThreadGate(gateState) });

let outcomes: JobOutcome[] = [];
/** Jobs are settled many at a time: one message tells of all. */
const report = (): void => {
  const told: WriterReport = { outcomes, counters: writer.counters() };
  outcomes = [];
  parentPort?.postMessage(told);
};

const onMessage = (message: Job | Command): void => {
  if (message === "hurry") {
    writer.hurry();
  } else if (message === "close") {
    // A job that comes behind this would open the file again in a thread that is about to end: it is left to the spool.
    parentPort?.off("message", onMessage);
    void writer.close().then(() => setImmediate(() => parentPort?.close()));
  } else {
    void writer.carryOut(message).then((outcome) => {
      if (outcomes.push(outcome) === 1) setImmediate(report);
    });
  }
};

parentPort?.on("message", onMessage);
