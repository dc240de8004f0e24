/** Files that something else has spoilt. */
import { closeSync, existsSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openStore, salvageStore } from "@moai-metrics/store";
import type { ExaminerArguments } from "./children/examiner.ts";
import { startChild } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import type { Random } from "./lib/random.ts";
import { makeSpecimen, type Specimen } from "./lib/specimen.ts";
import { type Acknowledged, verifyFile } from "./lib/verify.ts";
import { factsOf, type Workload } from "./lib/workload.ts";

const PAGE_BYTES = 4096;
const BATCHES = 200;
const STEP_MILLIS = 400_000;

/** What may come of a damage: the words of the store, or `ok`. */
interface Damage {
  readonly name: string;
  /** Spoils the file; the specimen was closed, unless `isKilled`. */
  apply(path: string, random: Random): void;
  readonly isKilled?: boolean;
  /** Everything that was acknowledged must still be there. */
  readonly isHarmless?: boolean;
}

const DAMAGES: readonly Damage[] = [
  {
    name: "a page of ones",
    apply: (path, random) => overwrite(path, PAGE_BYTES * random.integer(0, pagesOf(path) - 1), PAGE_BYTES, () => 0xff),
  },
  {
    name: "a page of zeros",
    apply: (path, random) => overwrite(path, PAGE_BYTES * random.integer(0, pagesOf(path) - 1), PAGE_BYTES, () => 0),
  },
  {
    name: "a page of noise",
    apply: (path, random) =>
      overwrite(path, PAGE_BYTES * random.integer(1, pagesOf(path) - 1), PAGE_BYTES, () => random.integer(0, 255)),
  },
  { name: "a file cut short", apply: (path, random) => truncateSync(path, random.integer(0, statSync(path).size - 1)) },
  { name: "an empty file", apply: (path) => truncateSync(path, 0) },
  { name: "another kind of file", apply: (path) => writeFileSync(path, "not a database at all\n".repeat(500)) },
  {
    name: "a log of noise",
    isHarmless: true,
    apply: (path, random) => {
      const noise = Buffer.from(Array.from({ length: random.integer(1, 40_000) }, () => random.integer(0, 255)));
      writeFileSync(`${path}-wal`, noise);
    },
  },
  { name: "an empty log", isHarmless: true, apply: (path) => writeFileSync(`${path}-wal`, "") },
  {
    name: "a log with a broken frame",
    isKilled: true,
    apply: (path, random) =>
      overwrite(`${path}-wal`, random.integer(0, statSync(`${path}-wal`).size - 1), 1, () => random.integer(0, 255)),
  },
  {
    name: "a log cut short",
    isKilled: true,
    apply: (path, random) => truncateSync(`${path}-wal`, random.integer(0, statSync(`${path}-wal`).size - 1)),
  },
  { name: "a log that is gone", isKilled: true, apply: (path) => rmSync(`${path}-wal`) },
];

const KNOWN_OUTCOMES = ["damaged", "not_our_file", "check"];

export const damagedFile: FaultTest = {
  name: "files and logs damaged in eleven ways",
  trials: 330,
  sampleTrials: DAMAGES.length,
  async run({ trials, random, folder, fail }) {
    const options = { writer: "w", batches: BATCHES, stepMillis: STEP_MILLIS };
    const closed = await makeSpecimen(folder, "closed", [options]);
    const killed = await makeSpecimen(folder, "killed", [{ ...options, isKilled: true }]);
    const seen = new Map<string, number>();
    let salvages = 0;
    let saved = 0;
    for (let trial = 0; trial < trials; trial++) {
      const damage = DAMAGES[trial % DAMAGES.length] as Damage;
      const specimen = damage.isKilled ? killed : closed;
      const path = join(folder, `${trial}.db`);
      specimen.copyTo(path);
      damage.apply(path, random);
      const outcome = await examine(path);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      for (const problem of judge(damage, outcome, path, specimen)) fail(trial, `${damage.name}: ${problem}`);
      if (outcome === "ok") continue;
      const salvaged = salvage(path);
      salvages++;
      saved += salvaged.sessions;
      for (const problem of salvaged.problems) fail(trial, `${damage.name}, salvaged: ${problem}`);
    }
    const outcomes = [...seen].map(([outcome, count]) => `${outcome} ${count}`).join(", ");
    return `${outcomes}; ${salvages} files salvaged, with ${((100 * saved) / (BATCHES * salvages)).toFixed(0)} % of their sessions`;
  },
};

const EXAMINER: Workload = { writer: "examiner", baseMillis: Date.now(), stepMillis: STEP_MILLIS, firstBatch: 0 };

async function examine(path: string): Promise<string> {
  const options: ExaminerArguments = { ...EXAMINER, path };
  const child = startChild("examiner", options);
  const outcome = await child.line();
  const end = await child.ended;
  return end === 0 && outcome !== undefined ? outcome : `crashed with ${end}: ${child.errors()}`;
}

/** What is wrong with an outcome. A file that seems fine must be fine; what was cut off with a log is gone as a whole. */
function judge({ isHarmless, isKilled }: Damage, outcome: string, path: string, { writers }: Specimen): string[] {
  if (outcome === "ok") {
    const isGone = isKilled || isEmptied(path);
    const expected = writers.map((writer) =>
      isGone ? { ...writer, facts: new Set<number>(), points: new Set<number>() } : writer,
    );
    const added: Acknowledged = { workload: EXAMINER, facts: new Set([0]), points: new Set([0]) };
    return verifyFile(path, [...expected, added], { isLogCut: isGone });
  }
  if (isHarmless || isKilled) return [`the store said ${outcome}`];
  return KNOWN_OUTCOMES.includes(outcome) ? [] : [`the store said ${outcome}`];
}

/** Saves what can be read; the new file must be sound and usable, and the old one must still exist. */
function salvage(path: string): { readonly sessions: number; readonly problems: string[] } {
  try {
    const { movedTo } = salvageStore(path, { nowMillis: Date.now() });
    using store = openStore({ path });
    const sessions = store.ledger.sessions({}).length;
    const problems = store
      .check()
      .parts.flatMap(({ name, problems: found }) => found.map((text) => `${name}: ${text}`));
    store.write({ facts: factsOf({ ...EXAMINER, writer: "later" }, 0) });
    if (!existsSync(movedTo)) problems.push("the damaged file is gone");
    return { sessions, problems };
  } catch (error) {
    return { sessions: 0, problems: [String(error)] };
  }
}

/** An empty file is a new one: nobody can tell that it ever held anything. */
function isEmptied(path: string): boolean {
  return statSync(path).size < 60 * PAGE_BYTES;
}

function pagesOf(path: string): number {
  return Math.floor(statSync(path).size / PAGE_BYTES);
}

function overwrite(path: string, offset: number, length: number, byte: () => number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from(Array.from({ length }, byte)), 0, length, offset);
  closeSync(file);
}
