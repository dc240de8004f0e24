/**
 * Runs the fault tests in full and prints one line for each.
 * Usage: node test/faults/run.ts [--only WORDS] [--trials N] [--seed N]
 */
import { parseArgs } from "node:util";
import { FAULT_TESTS } from "./index.ts";
import { runFaultTest } from "./lib/fault-test.ts";

const SHOWN_FAILURES = 10;

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, trials: { type: "string" }, seed: { type: "string" } },
});
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
let trials = 0;
let failures = 0;
for (const test of FAULT_TESTS.filter(({ name }) => name.includes(values.only))) {
  const obstacle = test.obstacle?.();
  if (obstacle !== undefined) {
    print(`${test.name}: not run, ${obstacle}`);
    continue;
  }
  const outcome = await runFaultTest(test, Number(values.trials ?? test.trials), seed);
  trials += outcome.trials;
  failures += outcome.failures.length;
  print(
    `${outcome.name}: ${outcome.trials} trials, ${outcome.failures.length} failures, seed ${seed}, ` +
      `${outcome.seconds.toFixed(0)} s; ${outcome.seen}`,
  );
  for (const failure of outcome.failures.slice(0, SHOWN_FAILURES)) print(`  ${failure}`);
}
print(`${trials} trials, ${failures} failures`);
process.exitCode = failures === 0 && trials > 0 ? 0 : 1;
