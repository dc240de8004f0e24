/** What each panel must show, worked out from the rows that SQLite has; all of them happened while they were watched. */
import { expectedChanges } from "./expected-changes.ts";
import { expectedRates } from "./expected-rates.ts";
import { expectedTotals } from "./expected-totals.ts";
import { alone, type Rows, type Shown, tokensOf, total, usd } from "./rows.ts";
import type { Scrapes } from "./scrapes.ts";
import { BUDGET } from "./stack.ts";

/** What was written as measurements of quality. */
export const QUALITY = {
  project: "/work/w",
  benchmark: "swe-bench",
  scores: { test_coverage: 0.9, lint_score: 0.8, benchmark_score: 84.8 },
} as const;

/** What SQLite had when Prometheus had read all of it, twice, and how Prometheus read it. */
export interface Known {
  /** At the end of the first period. */
  readonly before: Rows;
  /** At the end of the second one, which is as long. */
  readonly now: Rows;
  readonly scrapes: Scrapes;
}

/** By `board/panel/query`: to a rounding, there is no tolerance. */
export function expectations({ before, now, scrapes }: Known): ReadonlyMap<string, Shown> {
  const { project, benchmark, scores } = QUALITY;
  return new Map(
    Object.entries({
      ...expectedTotals(now),
      ...expectedChanges(before, now),
      ...expectedRates(now, scrapes),
      ...OF_PARTS,
      "cost-and-tokens/Budgets/A": new Map([[BUDGET.name, budgetShare(now)]]),
      "quality/Test coverage and lint scores/A": new Map([[project, scores.test_coverage]]),
      "quality/Test coverage and lint scores/B": new Map([[project, scores.lint_score]]),
      "quality/Benchmark scores/A": new Map([[`${benchmark},${project}`, scores.benchmark_score]]),
    }),
  );
}

function budgetShare({ calls }: Rows): number {
  const used = (value: (call: Rows["calls"][number]) => number): number => total(calls, value).get("") ?? 0;
  return Math.max(used(usd) / BUDGET.usd, used(tokensOf) / BUDGET.tokens);
}

/** Nothing was refused, lost or left waiting. */
const OF_PARTS: Readonly<Record<string, Shown>> = {
  "pipeline-health/Parts that answer/A": alone(1),
  "pipeline-health/Refused by the daemon/A": alone(0),
  "pipeline-health/Lost by the Collector/A": alone(0),
  "pipeline-health/Waiting in the daemon/A": alone(0),
};

/** What only the parts themselves know: bytes, milliseconds, requests. SQLite has nothing to compare them with. */
export const OF_PARTS_ALONE: ReadonlySet<string> = new Set([
  "pipeline-health/Received by the daemon/A",
  "pipeline-health/Through the Collector/A",
  "pipeline-health/Through the Collector/B",
  "pipeline-health/Time until it is on disk/A",
  "pipeline-health/Time until it is on disk/B",
  "pipeline-health/Time until it is on disk/C",
  "pipeline-health/Memory/A",
  "pipeline-health/Memory/B",
  "pipeline-health/Answers by status/A",
  "pipeline-health/Series and time of a scrape/A",
  "pipeline-health/Series and time of a scrape/B",
]);
