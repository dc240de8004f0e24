/**
 * Opens a file, maintains it if told to, and writes batches; stays alive when there is no room: it tells the code of the
 * error, waits for a line on standard input, and does the same again on the same store. Ends when all is done.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { DAY_MILLIS } from "@moai-metrics/model";
import { openStore, StoreError, type StoreSettingsOptions } from "@moai-metrics/store";
import { openAcknowledgements } from "../lib/acknowledgements.ts";
import { factsOf, pointsOf, type Workload } from "../lib/workload.ts";

/** What the parent asks for. */
export interface PatientArguments extends Workload {
  readonly path: string;
  readonly acknowledgements: string;
  readonly batches: number;
  readonly settings: StoreSettingsOptions;
  /** Maintain as on this day and the next before writing. */
  readonly maintainAtMillis?: number | undefined;
}

const options = JSON.parse(process.argv[2] ?? "{}") as PatientArguments;
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Repeats some work until it is done. */
async function persist<T>(work: () => T | Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      writeSync(1, `${error.code}\n`);
      if ((await input.next()).done === true) throw error;
    }
  }
}

const store = await persist(() => openStore({ path: options.path, settings: options.settings }));
const log = openAcknowledgements(options.acknowledgements);
if (options.maintainAtMillis !== undefined) {
  for (const nowMillis of [options.maintainAtMillis, options.maintainAtMillis + DAY_MILLIS + 1]) {
    const { state } = await persist(() => store.maintain({ nowMillis, isThorough: true }));
    if (state !== "done") throw new Error(`Maintenance was ${state}.`);
  }
}
for (let batch = options.firstBatch; batch < options.firstBatch + options.batches; batch++) {
  await persist(() => store.write({ facts: factsOf(options, batch) }));
  log.add(`f ${batch}`);
  await persist(() => store.writePoints(pointsOf(options, batch)));
  log.add(`p ${batch}`);
}
store.close();
writeSync(1, "done\n");
process.exit(0);
