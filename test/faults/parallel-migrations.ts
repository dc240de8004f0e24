/** Many processes that open an older file at once. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { WriterArguments } from "./children/writer.ts";
import { readAcknowledgements } from "./lib/acknowledgements.ts";
import { startChild } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { copyOldFile, OLD_WRITERS, oldCopyProblems } from "./lib/old-file.ts";
import { acknowledgedBy, verifyFile } from "./lib/verify.ts";

const PROCESSES = 4;
const BATCHES = 5;

export const parallelMigrations: FaultTest = {
  name: "four processes that open an older file at once and write to it",
  trials: 20,
  sampleTrials: 2,
  async run({ trials, folder, fail }) {
    const path = join(folder, "metrics.db");
    for (let trial = 0; trial < trials; trial++) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      copyOldFile(path);
      const all = Array.from({ length: PROCESSES }, (_, i): WriterArguments => {
        const writer = `w${i}`;
        const acknowledgements = join(folder, `${writer}.log`);
        return {
          path,
          writer,
          acknowledgements,
          baseMillis: Date.now(),
          stepMillis: 1_000,
          firstBatch: 0,
          batches: BATCHES,
        };
      });
      for (const child of all.map((options) => startChild("writer", options))) {
        const end = await child.ended;
        if (end !== 0) fail(trial, `a writer ended with ${end}: ${child.errors()}`);
      }
      const writers = all.map((options) => acknowledgedBy(options, readAcknowledgements(options.acknowledgements)));
      for (const problem of verifyFile(path, [...OLD_WRITERS, ...writers], { isExact: true })) fail(trial, problem);
      for (const problem of oldCopyProblems(path)) fail(trial, problem);
    }
    return `${PROCESSES * trials} openings`;
  },
};
