/** Entry of the writing thread: takes jobs, answers with what became of them. */
import { parentPort, workerData } from "node:worker_threads";
import { createJobWriter } from "./job-writer.ts";
import type { Job, WriterPlace } from "./jobs.ts";

const writer = createJobWriter(workerData as WriterPlace);

parentPort?.on("message", (job: Job | "close") => {
  if (job === "close") {
    writer.close();
    parentPort?.close();
    return;
  }
  void writer.carryOut(job).then((outcome) => parentPort?.postMessage(outcome));
});
