/** kill -9 while rollups are folded, points compressed and summed up, and old data let go. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DAY_MILLIS } from "@moai-metrics/model";
import type { MaintainerArguments } from "./children/maintainer.ts";
import { readAcknowledgements } from "./lib/acknowledgements.ts";
import { expectedAfterMaintenance, makeAgedFile } from "./lib/aged-file.ts";
import { killChild, startChild, waitMillis } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { acknowledgedBy, verifyFile } from "./lib/verify.ts";

const STEPS_PER_BATCH = 20;
const MAX_STEP_MILLIS = 8;
const ASK_MILLIS = 1;

export const killWhileMaintaining: FaultTest = {
  name: "kill -9 while rollups are folded, points compressed, old data deleted",
  trials: 150,
  sampleTrials: 2,
  async run({ trials, random, folder, fail }) {
    const specimen = await makeAgedFile(folder);
    const nowMillis = Date.now();
    const path = join(folder, "metrics.db");
    const expected = expectedAfterMaintenance(nowMillis);
    const argumentsOf = (trial: number): MaintainerArguments => ({
      path,
      acknowledgements: join(folder, `${trial}.log`),
      nowMillis,
      writer: "between",
      baseMillis: nowMillis - DAY_MILLIS,
      stepMillis: 60_000,
      firstBatch: 0,
      stepsPerBatch: STEPS_PER_BATCH,
    });
    const verify = (trial: number, when: string): void => {
      const options = argumentsOf(trial);
      const between = acknowledgedBy(options, readAcknowledgements(options.acknowledgements));
      for (const problem of verifyFile(path, [...specimen.writers, between], expected))
        fail(trial, `${when}: ${problem}`);
    };

    specimen.copyTo(path);
    await runToTheEnd(argumentsOf(-1), (problem) => fail(-1, problem));
    verify(-1, "without a kill");
    const steps = stepsOf(argumentsOf(-1));
    const jobs = [...new Set(steps)];

    const killedIn = new Map<string, number>();
    for (let trial = 0; trial < trials; trial++) {
      specimen.copyTo(path);
      const options = argumentsOf(trial);
      const child = startChild("maintainer", options);
      // Jobs of few steps are as dangerous as those of many.
      const job = jobs[random.integer(0, jobs.length - 1)] ?? "";
      const places = steps.flatMap((step, place) => (step === job ? [place] : []));
      const place = places[random.integer(0, places.length - 1)] ?? 0;
      await child.line();
      while (child.process.exitCode === null && stepsOf(options).length < place) await sleep(ASK_MILLIS);
      waitMillis(random.next() * MAX_STEP_MILLIS);
      const problem = await killChild(child);
      // One that was faster has ended; its file must be right as well.
      if (problem !== undefined && (await child.ended) !== 0) fail(trial, problem);
      killedIn.set(job, (killedIn.get(job) ?? 0) + 1);
      verify(trial, "behind the kill");
      await runToTheEnd({ ...options, stepsPerBatch: Number.MAX_SAFE_INTEGER }, (text) => fail(trial, text));
      verify(trial, "when maintained to the end");
    }
    return `killed at ${[...killedIn].map(([job, count]) => `${job} ${count}`).join(", ")}`;
  },
};

async function runToTheEnd(options: MaintainerArguments, fail: (problem: string) => void): Promise<void> {
  const child = startChild("maintainer", options);
  const end = await child.ended;
  if (end !== 0) fail(`maintenance ended with ${end}: ${child.errors()}`);
}

/** The jobs of the steps done so far, in order. */
function stepsOf({ acknowledgements }: MaintainerArguments): string[] {
  return readAcknowledgements(acknowledgements).flatMap((line) => (line.startsWith("s ") ? [line.slice(2)] : []));
}
