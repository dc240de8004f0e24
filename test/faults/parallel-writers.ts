/** Many processes that write to one file at once. */
import { join } from "node:path";
import type { WriterArguments } from "./children/writer.ts";
import { readAcknowledgements } from "./lib/acknowledgements.ts";
import { startChild } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { acknowledgedBy, verifyFile } from "./lib/verify.ts";

const STEP_MILLIS = 20_000;
const FULL_PROCESSES = 8;
const FULL_MILLIS = 30_000;
const SAMPLE_MILLIS = 2_000;

export const parallelWriters: FaultTest = {
  name: "processes that write to one file at once, a trial each",
  trials: FULL_PROCESSES,
  sampleTrials: 3,
  async run({ trials, folder, fail }) {
    const path = join(folder, "metrics.db");
    const durationMillis = trials >= FULL_PROCESSES ? FULL_MILLIS : SAMPLE_MILLIS;
    const baseMillis = Date.now() - 86_400_000;
    const all = Array.from({ length: trials }, (_, trial): WriterArguments => {
      const writer = `w${trial}`;
      const acknowledgements = join(folder, `${writer}.log`);
      return { path, writer, acknowledgements, baseMillis, stepMillis: STEP_MILLIS, firstBatch: 0, durationMillis };
    });
    const children = all.map((options) => startChild("writer", options));
    for (const [trial, child] of children.entries()) {
      const end = await child.ended;
      if (end !== 0) fail(trial, `the writer ended with ${end}: ${child.errors()}`);
    }
    const writers = all.map((options) => acknowledgedBy(options, readAcknowledgements(options.acknowledgements)));
    const counts = writers.map(({ points }) => points.size);
    for (const [trial, count] of counts.entries()) if (count === 0) fail(trial, "it never got its turn");
    for (const problem of verifyFile(path, writers, { isExact: true })) fail(trials, problem);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return `${total} batches acknowledged in ${durationMillis / 1000} s, ${Math.min(...counts)} to ${Math.max(...counts)} a process`;
  },
};
