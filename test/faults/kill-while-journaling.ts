/** kill -9 of an application whose facts wait in the journal. */
import { join } from "node:path";
import { drainSpool } from "@moai-metrics/receiver";
import { openStore } from "@moai-metrics/store";
import type { JournalWriterArguments } from "./children/journal-writer.ts";
import { readAcknowledgements } from "./lib/acknowledgements.ts";
import { killChild, startChild, waitMillis } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { acknowledgedBy, verifyFile } from "./lib/verify.ts";

const TRIALS_PER_FILE = 20;
/** Transactions are a second apart: most are killed between two of them, some in one. */
const MAX_WRITING_MILLIS = 1300;
const STEP_MILLIS = 40_000;

export const killWhileJournaling: FaultTest = {
  name: "kill -9 while facts wait in the journal",
  trials: 100,
  sampleTrials: 3,
  async run({ trials, random, folder, fail }) {
    const baseMillis = Date.now() - 86_400_000;
    let acknowledged = 0;
    let recovered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const file = Math.floor(trial / TRIALS_PER_FILE);
      const storage = join(folder, String(file));
      const path = join(storage, "metrics.db");
      const spool = join(storage, "spool");
      const firstOfFile = file * TRIALS_PER_FILE;
      const argumentsOf = (writer: string): JournalWriterArguments => ({
        path,
        spool,
        writer,
        acknowledgements: join(folder, `${writer}.log`),
        baseMillis,
        stepMillis: STEP_MILLIS,
        firstBatch: 0,
      });
      const child = startChild("journal-writer", argumentsOf(`w${trial}`));
      await child.line();
      waitMillis(random.next() * MAX_WRITING_MILLIS);
      const problem = await killChild(child);
      if (problem !== undefined) fail(trial, problem);
      const store = openStore({ path });
      recovered += drainSpool(store, spool).facts;
      store.close();
      const writers = Array.from({ length: trial - firstOfFile + 1 }, (_, i) => {
        const options = argumentsOf(`w${firstOfFile + i}`);
        return acknowledgedBy(options, readAcknowledgements(options.acknowledgements));
      });
      acknowledged += writers.at(-1)?.facts.size ?? 0;
      for (const problem of verifyFile(path, writers)) fail(trial, problem);
    }
    if (recovered === 0) fail(trials, "no trial left anything in a journal");
    return `${acknowledged} batches acknowledged before the kills, ${recovered} facts taken from journals`;
  },
};
