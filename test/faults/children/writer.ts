/**
 * Writes batches of facts and points until told otherwise, and acknowledges each after its commit.
 * Prints `go` after the first one.
 */
import { writeSync } from "node:fs";
import { openStore, retryBusy } from "@moai-metrics/store";
import { openAcknowledgements } from "../lib/acknowledgements.ts";
import { factsOf, pointsOf, type Workload } from "../lib/workload.ts";

/** What the parent asks for. */
export interface WriterArguments extends Workload {
  readonly path: string;
  readonly acknowledgements: string;
  /** Ends after this many batches; endless without it. */
  readonly batches?: number | undefined;
  /** Ends when this much time has passed. */
  readonly durationMillis?: number | undefined;
}

const options = JSON.parse(process.argv[2] ?? "{}") as WriterArguments;
const patience = { patienceMillis: 60_000 };
const store = await retryBusy(() => openStore({ path: options.path }), patience);
const log = openAcknowledgements(options.acknowledgements);
const end = options.firstBatch + (options.batches ?? Number.POSITIVE_INFINITY);
const endAt = performance.now() + (options.durationMillis ?? Number.POSITIVE_INFINITY);
for (let batch = options.firstBatch; batch < end && performance.now() < endAt; batch++) {
  await retryBusy(() => store.write({ facts: factsOf(options, batch) }), patience);
  log.add(`f ${batch}`);
  await retryBusy(() => store.writePoints(pointsOf(options, batch)), patience);
  log.add(`p ${batch}`);
  if (batch === options.firstBatch) writeSync(1, "go\n");
}
store.close();
log.close();
