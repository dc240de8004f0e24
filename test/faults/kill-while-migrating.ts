/** kill -9 while a file of an older version is brought up to date. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { killChild, startChild, waitMillis } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { copyOldFile, OLD_WRITERS, oldCopyProblems } from "./lib/old-file.ts";
import { verifyFile } from "./lib/verify.ts";

export const killWhileMigrating: FaultTest = {
  name: "kill -9 while an older file is brought up to date",
  trials: 100,
  sampleTrials: 4,
  async run({ trials, random, folder, fail }) {
    const path = join(folder, "metrics.db");
    const startOver = (): void => {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      copyOldFile(path);
    };
    const verify = (trial: number): void => {
      const problems = [
        ...verifyFile(path, OLD_WRITERS, { isExact: true }),
        ...oldCopyProblems(path),
        ...readdirSync(folder)
          .filter((name) => name.includes("partial"))
          .map((name) => `${name} was left behind`),
      ];
      for (const problem of problems) fail(trial, problem);
    };

    startOver();
    const fullMillis = await migrate(path);
    verify(-1);
    let kills = 0;
    let killsBehindTheCopy = 0;
    for (let trial = 0; trial < trials; trial++) {
      startOver();
      const child = startChild("migrator", { path });
      await child.line();
      waitMillis(random.next() * fullMillis);
      const problem = await killChild(child);
      if (problem !== undefined && (await child.ended) !== 0) fail(trial, problem);
      if (problem === undefined) kills++;
      if (readdirSync(folder).some((name) => name.endsWith("-backup"))) killsBehindTheCopy++;
      verify(trial);
    }
    return `${kills} were killed before the end, ${killsBehindTheCopy} when the copy was made`;
  },
};

/** @returns how long it took, in milliseconds. */
async function migrate(path: string): Promise<number> {
  const child = startChild("migrator", { path });
  await child.line();
  const startedAt = performance.now();
  if ((await child.line()) !== "done") throw new Error(child.errors());
  const millis = performance.now() - startedAt;
  await child.ended;
  return millis;
}
