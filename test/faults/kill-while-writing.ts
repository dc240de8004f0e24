/** kill -9 in the middle of writing. */
import { join } from "node:path";
import type { WriterArguments } from "./children/writer.ts";
import { readAcknowledgements } from "./lib/acknowledgements.ts";
import { killChild, startChild, waitMillis } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { acknowledgedBy, verifyFile } from "./lib/verify.ts";

/** A file is used again after a kill, as in life; not for ever, because checking it takes longer as it grows. */
const TRIALS_PER_FILE = 25;
/** Some die while they open, create or migrate the file, or write for the first time. */
const SHARE_KILLED_AT_THE_START = 0.15;
const MAX_START_MILLIS = 400;
const MAX_WRITING_MILLIS = 150;
const STEP_MILLIS = 40_000;

export const killWhileWriting: FaultTest = {
  name: "kill -9 while facts and points are written",
  trials: 250,
  sampleTrials: 6,
  async run({ trials, random, folder, fail }) {
    const baseMillis = Date.now() - 86_400_000;
    let acknowledged = 0;
    for (let trial = 0; trial < trials; trial++) {
      const file = Math.floor(trial / TRIALS_PER_FILE);
      const path = join(folder, `${file}.db`);
      const firstOfFile = file * TRIALS_PER_FILE;
      const argumentsOf = (writer: string): WriterArguments => ({
        path,
        writer,
        acknowledgements: join(folder, `${writer}.log`),
        baseMillis,
        stepMillis: STEP_MILLIS,
        firstBatch: 0,
      });
      const child = startChild("writer", argumentsOf(`w${trial}`));
      const isStarting = random.next() < SHARE_KILLED_AT_THE_START;
      if (!isStarting) await child.line();
      waitMillis(random.next() * (isStarting ? MAX_START_MILLIS : MAX_WRITING_MILLIS));
      const problem = await killChild(child);
      if (problem !== undefined) fail(trial, problem);
      const writers = Array.from({ length: trial - firstOfFile + 1 }, (_, i) => {
        const options = argumentsOf(`w${firstOfFile + i}`);
        return acknowledgedBy(options, readAcknowledgements(options.acknowledgements));
      });
      acknowledged += writers.at(-1)?.facts.size ?? 0;
      for (const problem of verifyFile(path, writers)) fail(trial, problem);
    }
    return `${acknowledged} batches acknowledged before the kills`;
  },
};
