/** A session of a minute in which agents work twice, with a rest between, and every part is stopped and started again. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { totalTokens } from "@moai-metrics/model";
import { databasePath } from "@moai-metrics/settings";
import { openStore, StoreError } from "@moai-metrics/store";
import { type Known, QUALITY } from "./expectations.ts";
import { sendForeignMetrics } from "./foreign-metrics.ts";
import type { Part } from "./part.ts";
import { askRaw, askSeries } from "./prometheus-api.ts";
import { placeTranscript, sendRun, TOKENS_OF_RUN, TOKENS_OF_TRANSCRIPT } from "./recordings.ts";
import { type Rows, readAllRows } from "./rows.ts";
import { createScrapes } from "./scrapes.ts";
import type { Stack } from "./stack.ts";

/** What happened. */
export interface Session extends Known {
  readonly startedAtSeconds: number;
  /** When the second period was over: everything that is asked is asked about this moment. */
  readonly endedAtSeconds: number;
  /** Length of the two periods. */
  readonly periodMillis: number;
  /** What was recorded, added up by hand. */
  readonly expectedTokens: number;
  /** What SQLite had in all, moment by moment. */
  readonly timeline: readonly { readonly atMillis: number; readonly tokens: number }[];
}

const RUNS_BEFORE = 13;
const RUNS = 27;
const DEMO_TURNS = 13;
/** A new series is shown once as 0 and known to have arrived at the next scrape; then it has its value. */
const SCRAPES_UNTIL_KNOWN = 4;

/** How budgets stand is worked out every five seconds. */
const SCRAPES_UNTIL_BUDGETS = 3;

/** Runs it to its end. */
export async function runSession(stack: Stack): Promise<Session> {
  const startedAtSeconds = Date.now() / 1000;
  await waitUntil(() => hasStore(stack), "the daemon has made its file");
  await waitForScrapes(stack, 1);
  const timeline: { atMillis: number; tokens: number }[] = [];
  const watching = new AbortController();
  const watched = watch(stack, timeline, watching.signal);

  const firstDemo = runDemo(stack.otlpUrl);
  for (let run = 0; run < RUNS_BEFORE; run++) {
    // The daemon is away while agents go on.
    if (run === 8) await stack.daemon.stop();
    if (run === 9) await stack.daemon.start();
    await sendRun(run, stack.otlpUrl);
    await sleep(800);
  }
  await firstDemo;
  const before = await settle(stack, RUNS_BEFORE, 0, DEMO_TURNS);
  const beforeSeconds = Date.now() / 1000;

  const secondDemo = runDemo(stack.otlpUrl);
  for (let run = RUNS_BEFORE; run < RUNS - 1; run++) {
    if (run === RUNS_BEFORE + 3) {
      // A scrape that is cut off is lost like any answer that nobody reads: between two of them.
      await waitForScrapes(stack, 1);
      await restart(stack.prometheus);
    }
    await sendRun(run, stack.otlpUrl);
    await sleep(800);
  }
  await secondDemo;
  await restart(stack.collector);
  await sendRun(RUNS - 1, stack.otlpUrl);
  placeTranscript(stack.environment["HOME"] ?? "");
  await sendForeignMetrics(stack.otlpUrl);
  writeQuality(stack);
  const now = await settle(stack, RUNS, TOKENS_OF_TRANSCRIPT, 2 * DEMO_TURNS);
  // The periods are of one length, and the first one began before all work.
  const longest = 2 * beforeSeconds - startedAtSeconds + 1;
  await waitUntil(() => Date.now() / 1000 >= longest, "the second period is as long as the first");
  await waitForScrapes(stack, SCRAPES_UNTIL_BUDGETS);
  watching.abort();
  await watched;

  const endedAtSeconds = Math.floor(Date.now() - 500) / 1000;
  const toMillis = Math.round(endedAtSeconds * 1000);
  const seconds = rateSeconds(startedAtSeconds, endedAtSeconds);
  const range = { fromMillis: toMillis - seconds * 1000, toMillis };
  const catalogue = `{job="moai-metrics",__name__=~"(gen_ai|moai_task|moai_errors)_.*"}`;
  const series = await askSeries(stack.prometheusUrl, `${catalogue}[${seconds}s]`, endedAtSeconds);
  return {
    startedAtSeconds,
    endedAtSeconds,
    periodMillis: Math.round((endedAtSeconds - beforeSeconds) * 1000),
    expectedTokens: expectedTokens(stack, RUNS, TOKENS_OF_TRANSCRIPT),
    timeline,
    before,
    now,
    scrapes: createScrapes(series, range),
  };
}

/** Length of the stretch that rates are asked about: all of the session. */
export function rateSeconds(startedAtSeconds: number, endedAtSeconds: number): number {
  return Math.ceil(endedAtSeconds - startedAtSeconds);
}

/** Waits until everything is in SQLite, and Prometheus has read it. */
async function settle(stack: Stack, runs: number, more: number, turns: number): Promise<Rows> {
  await waitUntil(
    () => demoTurns(stack) === turns && tokensNow(stack) >= expectedTokens(stack, runs, more),
    "everything is in SQLite",
  );
  await waitForScrapes(stack, SCRAPES_UNTIL_KNOWN);
  return stack.read(readAllRows);
}

/** All tokens that SQLite has. */
export function tokensNow(stack: Stack): number {
  return tokensOf(stack);
}

/** Those of a program. */
export function tokensOf(stack: Stack, product?: string): number {
  const products = product === undefined ? undefined : [product];
  return stack.read(({ query }) => totalTokens(query.summary({ products }).tokens));
}

function expectedTokens(stack: Stack, runs: number, more: number): number {
  const recorded = Array.from({ length: runs }, (_, run) => TOKENS_OF_RUN[run % TOKENS_OF_RUN.length] ?? 0);
  return recorded.reduce((sum, each) => sum + each, more) + tokensOf(stack, "demo");
}

function demoTurns(stack: Stack): number {
  return stack.read(({ query }) => query.getTasks({ agents: ["demo-main"] }).rows.length);
}

function hasStore(stack: Stack): boolean {
  try {
    return stack.read(() => true);
  } catch (error) {
    if (error instanceof StoreError && error.code === "not_found") return false;
    throw error;
  }
}

async function watch(
  stack: Stack,
  timeline: { atMillis: number; tokens: number }[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    timeline.push({ atMillis: Date.now(), tokens: tokensNow(stack) });
    await sleep(50);
  }
}

/** Waits until Prometheus has read the daemon so often. */
export async function waitForScrapes(stack: Stack, count: number): Promise<void> {
  const fromSeconds = Date.now() / 1000;
  await waitUntil(async () => {
    const window = Math.ceil(Date.now() / 1000 - fromSeconds) + 1;
    const scrapes = await askRaw(stack.prometheusUrl, `up{job="moai-metrics"}[${window}s]`);
    return scrapes.filter(({ atSeconds, value }) => atSeconds > fromSeconds && value === 1).length >= count;
  }, "Prometheus has read the daemon again");
}

function writeQuality(stack: Stack): void {
  using store = openStore({ path: databasePath(stack.storage) });
  const common = { kind: "quality", witness: "toolReport", atMillis: Date.now(), project: QUALITY.project } as const;
  const { scores, benchmark } = QUALITY;
  store.write({
    facts: [
      { ...common, measure: "test_coverage", score: scores.test_coverage },
      { ...common, measure: "lint_score", score: scores.lint_score },
      { ...common, measure: "benchmark_score", score: scores.benchmark_score, benchmark },
    ],
  });
}

async function restart(part: Part): Promise<void> {
  await part.stop();
  await part.start();
}

/** @throws Error after a minute. */
export async function waitUntil(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await sleep(100);
  }
}

/** The program of the demo profile: its agents finish tasks, also badly. */
function runDemo(url: string): Promise<void> {
  const child = spawn(process.execPath, ["docker/demo.mjs", url, String(DEMO_TURNS), "800"], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`The demo ended with ${code}.`))));
  });
}
