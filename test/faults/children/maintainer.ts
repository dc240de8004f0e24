/**
 * Maintains a file as on two days that follow each other, and writes batches in between the steps, acknowledging each.
 * Prints `go` before the first step; logs every step as `s <job>`.
 */
import { writeSync } from "node:fs";
import { DAY_MILLIS } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { openAcknowledgements } from "../lib/acknowledgements.ts";
import { factsOf, pointsOf, type Workload } from "../lib/workload.ts";

/** What the parent asks for. */
export interface MaintainerArguments extends Workload {
  readonly path: string;
  readonly acknowledgements: string;
  /** The first of the two days. */
  readonly nowMillis: number;
  /** A batch is written behind every so many steps. */
  readonly stepsPerBatch: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as MaintainerArguments;
const store = openStore({ path: options.path, busyTimeoutMillis: 5_000 });
const log = openAcknowledgements(options.acknowledgements);
let batch = options.firstBatch;
let steps = 0;
writeSync(1, "go\n");
for (const day of [0, 1]) {
  const outcome = await store.maintain({
    nowMillis: options.nowMillis + day * (DAY_MILLIS + 1),
    isThorough: true,
    onProgress: ({ job }) => {
      log.add(`s ${job}`);
      steps += 1;
      if (steps % options.stepsPerBatch !== 0) return;
      store.write({ facts: factsOf(options, batch) });
      log.add(`f ${batch}`);
      store.writePoints(pointsOf(options, batch));
      log.add(`p ${batch}`);
      batch += 1;
    },
  });
  if (outcome.state !== "done") throw new Error(`Maintenance was ${outcome.state}.`);
}
store.close();
log.close();
