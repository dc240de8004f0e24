/**
 * Writes batches and stays alive when there is no room: it tells the code of the error, waits for a line on standard
 * input, and goes on with the same batch on the same store. Ends when all batches are acknowledged.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { openStore, type Store } from "@moai-metrics/store";
import { openAcknowledgements } from "../lib/acknowledgements.ts";
import { factsOf, pointsOf } from "../lib/workload.ts";
import type { WriterArguments } from "./writer.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as WriterArguments & { readonly batches: number };
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Repeats some work until it is done. */
async function persist<T>(work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      writeSync(1, `${String(error.code)}\n`);
      if ((await input.next()).done === true) throw error;
    }
  }
}

const store: Store = await persist(() => openStore({ path: options.path }));
const log = openAcknowledgements(options.acknowledgements);
for (let batch = options.firstBatch; batch < options.firstBatch + options.batches; batch++) {
  await persist(() => store.write({ facts: factsOf(options, batch) }));
  log.add(`f ${batch}`);
  await persist(() => store.writePoints(pointsOf(options, batch)));
  log.add(`p ${batch}`);
}
store.close();
writeSync(1, "done\n");
process.exit(0);
