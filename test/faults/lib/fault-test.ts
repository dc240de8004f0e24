/** What a fault test is, and how one is run. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, type Random } from "./random.ts";

/** What a fault test works with. */
interface FaultContext {
  /** How many faults to cause. */
  readonly trials: number;
  readonly random: Random;
  /** A folder of its own, removed afterwards. */
  readonly folder: string;
  /** Reports that something did not hold. */
  fail(trial: number, what: string): void;
}

/** A kind of fault, caused many times. */
export interface FaultTest {
  /** What is done, as a sentence without its end. */
  readonly name: string;
  /** Trials of a full run. */
  readonly trials: number;
  /** Trials of the sample that runs with the other tests. */
  readonly sampleTrials: number;
  /** Why this machine cannot run it; undefined where it can. */
  readonly obstacle?: (() => string | undefined) | undefined;
  /** Causes the faults; returns what was seen, in a few words. */
  run(context: FaultContext): Promise<string>;
}

/** What a run of a fault test came to. */
export interface FaultOutcome {
  readonly name: string;
  readonly trials: number;
  readonly failures: readonly string[];
  readonly seed: number;
  readonly seconds: number;
  readonly seen: string;
}

/** Runs a fault test in a folder of its own. */
export async function runFaultTest(test: FaultTest, trials: number, seed: number): Promise<FaultOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "moai-faults-"));
  const failures: string[] = [];
  const fail = (trial: number, what: string): void => {
    failures.push(`trial ${trial}: ${what}`);
  };
  const startedAt = performance.now();
  try {
    const seen = await test.run({ trials, random: createRandom(seed), folder, fail });
    return { name: test.name, trials, failures, seed, seconds: (performance.now() - startedAt) / 1000, seen };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
