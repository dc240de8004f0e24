/** Collects sums, extremes and values by bucket and group, from whichever part of the store answers. */
import { QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import type { Dimension } from "../read/types.ts";
import { readRollups } from "../rollup/read-rollups.ts";
import { DISTRIBUTIONS, type Distribution, type RollupSum } from "../rollup/types.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters } from "./filter-rules.ts";
import { readLedgerGroups } from "./ledger-groups.ts";
import type { FactValue } from "./measures.ts";
import { planQuery } from "./plan.ts";
import { addHistogram, type ValueSet } from "./quantile.ts";
import type { AnswerOrigin, FactFilter } from "./types.ts";

/** What is wanted of each group. */
export interface Want {
  readonly sums: readonly RollupSum[];
  /** Values whose least and greatest are wanted. */
  readonly extremes: readonly FactValue[];
  /** Values whose percentiles are wanted. */
  readonly quantiles: readonly FactValue[];
}

/** What to collect. */
export interface CollectQuestion {
  readonly method: string;
  readonly range: TimeRange;
  /** Where buckets meet, first and last those of the range. */
  readonly edges: readonly number[];
  readonly timeZone?: string | undefined;
  readonly filter: FactFilter;
  readonly groupBy: readonly Dimension[];
  readonly want: Want;
  readonly signal: AbortSignal | undefined;
}

/** One group of one bucket. */
export interface Cell {
  readonly bucket: number;
  readonly key: readonly string[];
  readonly sum: (name: RollupSum) => number;
  readonly values: (value: FactValue) => ValueSet;
}

/** What was collected, and where from. */
export interface Collected {
  readonly cells: readonly Cell[];
  readonly source: AnswerOrigin["source"];
}

/** Collects by the coarsest part of the store that is exact. Must be called inside one state of the file. */
export function collect(context: QueryContext, question: CollectQuestion): Collected {
  const { method, range, edges, timeZone, filter, groupBy, want, signal } = question;
  if (range.startMillis >= range.endMillis) return { cells: [], source: "rollups" };
  const plan = planQuery({
    method,
    range,
    edges,
    ledgerReason: ledgerReasonOf(filter, want),
    ledgerStartMillis: context.ledgerStartMillis(),
  });
  const cells = createCells(want);
  if (plan.rollups !== undefined) {
    signal?.throwIfAborted();
    const { startMillis, endMillis } = plan.rollups;
    const inner = edges.filter((edge) => edge > startMillis && edge < endMillis);
    // Whole quarter hours may leave the first bucket out, when it lies before all of them.
    const skipped = edges.filter((edge) => edge <= startMillis).length - 1;
    const distributions = (values: readonly FactValue[]): readonly Distribution[] => values.filter(isDistribution);
    const extremes = distributions(want.extremes);
    const histograms = distributions(want.quantiles);
    const groups = readRollups(context.database, {
      edges: [startMillis, ...inner, endMillis].map((edge) => edge / QUARTER_HOUR_MILLIS),
      timeZone,
      filter,
      groupBy,
      sums: want.sums,
      extremes,
      histograms,
    });
    for (const group of groups) {
      const cell = cells.of(skipped + group.bucket, group.key);
      for (const [i, name] of want.sums.entries()) cell.addSum(name, group.sums[i] ?? 0);
      for (const [i, name] of extremes.entries()) cell.addExtremes(name, group.extremes[i]);
      for (const [i, name] of histograms.entries()) {
        const histogram = group.histograms[i];
        if (histogram !== undefined) addHistogram(cell.buckets(name), histogram);
      }
    }
  }
  for (const part of plan.ledger) {
    readLedgerGroups(context, { ...question, range: part }, cells);
  }
  return { cells: cells.all(), source: sourceOf(plan.rollups !== undefined, plan.ledger.length > 0) };
}

function sourceOf(hasRollups: boolean, hasLedger: boolean): AnswerOrigin["source"] {
  if (hasRollups && hasLedger) return "rollups and ledger";
  return hasRollups ? "rollups" : "ledger";
}

/** Why only single facts can answer. */
function ledgerReasonOf(filter: FactFilter, want: Want): string | undefined {
  const filters = ledgerFilters(filter);
  if (filters.length > 0) return `the filter ${filters.join(", ")}`;
  const unknown = [...want.extremes, ...want.quantiles].find((value) => !isDistribution(value));
  return unknown === undefined ? undefined : "values of single model calls";
}

function isDistribution(value: FactValue): value is Distribution {
  return DISTRIBUTIONS.some((distribution) => distribution === value);
}

/** A text for a bucket and a group that no other has. */
export function cellName(bucket: number, key: readonly string[]): string {
  return key.length === 0 ? String(bucket) : `${bucket}|${key.map((name) => `${name.length}:${name}`).join("")}`;
}

/** Where readers put what they found. */
export interface CellSink {
  of(bucket: number, key: readonly string[]): WritableCell;
}

interface WritableCell {
  addSum(name: RollupSum, value: number): void;
  addExtremes(value: FactValue, extremes: { readonly min: number; readonly max: number } | undefined): void;
  addValue(value: FactValue, exact: number): void;
  buckets(value: FactValue): Map<number, number>;
}

interface Values {
  readonly exact: number[];
  readonly buckets: Map<number, number>;
  extremes: { readonly min: number; readonly max: number } | undefined;
}

function createCells(want: Want): CellSink & { all(): Cell[] } {
  const cells = new Map<string, Cell & WritableCell>();
  const sumNames = want.sums;
  const valueNames = [...new Set([...want.extremes, ...want.quantiles])];

  const create = (bucket: number, key: readonly string[]): Cell & WritableCell => {
    // There may be a hundred thousand cells, so each of them is kept small.
    const sums = sumNames.map(() => 0);
    const values = valueNames.map((): Values => ({ exact: [], buckets: new Map(), extremes: undefined }));
    const valuesOf = (name: FactValue): Values => {
      const known = values[valueNames.indexOf(name)];
      if (known === undefined) throw new Error(`Nothing was collected of ${name}.`);
      return known;
    };
    return {
      bucket,
      key,
      sum: (name) => sums[sumNames.indexOf(name)] ?? 0,
      values: valuesOf,
      addSum: (name, value) => {
        const place = sumNames.indexOf(name);
        sums[place] = (sums[place] ?? 0) + value;
      },
      addExtremes(name, found) {
        if (found === undefined) return;
        const entry = valuesOf(name);
        const { min, max } = entry.extremes ?? found;
        entry.extremes = { min: Math.min(min, found.min), max: Math.max(max, found.max) };
      },
      addValue: (name, exact) => valuesOf(name).exact.push(exact),
      buckets: (name) => valuesOf(name).buckets,
    };
  };

  return {
    of(bucket, key) {
      const name = cellName(bucket, key);
      let cell = cells.get(name);
      if (cell === undefined) {
        cell = create(bucket, key);
        cells.set(name, cell);
      }
      return cell;
    },
    all: () => [...cells.values()],
  };
}
