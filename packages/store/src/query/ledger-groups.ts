/** Sums, extremes and values straight from the facts. */
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Dimension } from "../read/types.ts";
import type { RollupSum } from "../rollup/types.ts";
import type { CellSink, WritableCell } from "./cells.ts";
import type { CollectQuestion } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { DIMENSION_COLUMNS, FACT_TABLES } from "./ledger-sql.ts";
import type { Population } from "./measures.ts";
import { readMinuteSums } from "./minute-sums.ts";
import { findScope, planSelection, type Scope } from "./selection.ts";

const POPULATIONS = ["calls", "tools", "tasks"] as const satisfies readonly Population[];
const ROWS_BETWEEN_LOOKS = 4_096;
const MINUTE_MILLIS = 60_000;

/** Adds what the facts of the question's range give to the cells. */
export function readLedgerGroups(context: QueryContext, question: CollectQuestion, cells: CellSink): void {
  question.signal?.throwIfAborted();
  const scope = findScope(context, { ...question.filter, range: question.range });
  for (const population of POPULATIONS) {
    question.signal?.throwIfAborted();
    readSums(context, population, scope, question, cells);
    readValues(context, population, scope, question, cells);
  }
}

function readSums(
  context: QueryContext,
  population: Population,
  scope: Scope,
  question: CollectQuestion,
  cells: CellSink,
): void {
  const { sums, values } = FACT_TABLES[population];
  const { want } = question;
  const wantedSums = want.sums.filter((name) => sums[name] !== undefined);
  const extremes = want.extremes.filter((name) => values[name] !== undefined);
  if (wantedSums.length + extremes.length === 0) return;
  if (extremes.length === 0 && addMinutes(context, population, scope, question, wantedSums, cells)) return;
  const columns = [
    ...wantedSums.map((name) => sums[name] ?? ""),
    ...extremes.flatMap((name) => [`min(${values[name]})`, `max(${values[name]})`]),
  ];
  for (const { cell, rest } of readGroups(context, population, scope, question, columns, true, cells)) {
    for (const [i, name] of wantedSums.entries()) cell.addSum(name, rest[i] ?? 0);
    for (const [i, name] of extremes.entries()) {
      const [min, max] = rest.slice(wantedSums.length + 2 * i, wantedSums.length + 2 * i + 2);
      if (typeof min === "number" && typeof max === "number") cell.addExtremes(name, min, max);
    }
  }
}

/** Adds sums that are asked by the minute and of no group; tells whether they are. */
function addMinutes(
  context: QueryContext,
  population: Population,
  scope: Scope,
  { range, edges, filter, groupBy, want }: CollectQuestion,
  sums: readonly RollupSum[],
  cells: CellSink,
): boolean {
  if (groupBy.length > 0 || unitOf(edges) !== MINUTE_MILLIS) return false;
  const parts = readMinuteSums(context, { population, filter, scope, range, sums, together: want.together ?? [] });
  if (parts === undefined) return false;
  const bucketAt = createBucketFinder(edges);
  for (const { firstMinute, totals } of parts) {
    for (const [name, byMinute] of totals) {
      for (const [i, total] of byMinute.entries()) {
        if (total === 0) continue;
        const startMillis = (firstMinute + i) * MINUTE_MILLIS;
        cells.of(bucketAt(Math.max(startMillis, range.startMillis)), []).addSum(name, total);
      }
    }
  }
  return true;
}

function readValues(
  context: QueryContext,
  population: Population,
  scope: Scope,
  question: CollectQuestion,
  cells: CellSink,
): void {
  const { values } = FACT_TABLES[population];
  const wanted = question.want.quantiles.filter((name) => values[name] !== undefined);
  if (wanted.length === 0) return;
  const columns = wanted.map((name) => values[name] ?? "");
  for (const { cell, rest } of readGroups(context, population, scope, question, columns, false, cells)) {
    for (const [i, name] of wanted.entries()) {
      const value = rest[i];
      if (typeof value === "number") cell.addValue(name, value);
    }
  }
}

interface GroupRow {
  readonly cell: WritableCell;
  readonly rest: readonly (number | null)[];
}

/** Rows with their cells; with `isGrouped`, one row per group and quarter hour, or shorter where buckets are. */
function* readGroups(
  context: QueryContext,
  population: Population,
  scope: Scope,
  { range, edges, filter, groupBy, signal }: CollectQuestion,
  columns: readonly string[],
  isGrouped: boolean,
  cells: CellSink,
): Generator<GroupRow> {
  const table = FACT_TABLES[population];
  const dimensionOf: Record<Dimension, string> = {
    ...DIMENSION_COLUMNS,
    agent: table.agent,
    model: population === "calls" ? DIMENSION_COLUMNS.model : "0",
  };
  const { joins, where } = planSelection(population, filter, scope, range, {
    session: groupBy.includes("product") || groupBy.includes("project"),
    task: groupBy.includes("agent"),
  });
  const unitMillis = unitOf(edges);
  const unit = unitMillis === undefined ? "0" : `${table.time} / ${unitMillis}`;
  const keys = [unit, ...groupBy.map((dimension) => dimensionOf[dimension])];
  const sql = `SELECT ${[...keys, ...columns].join(", ")}
    FROM ${table.from}
    ${joins}
    WHERE ${table.isCounted} AND ${where.condition}
    ${isGrouped && (unitMillis !== undefined || groupBy.length > 0) ? `GROUP BY ${keys.map((_, i) => i + 1).join(", ")}` : ""}`;
  const bucketAt = createBucketFinder(edges);
  let untilLook = ROWS_BETWEEN_LOOKS;
  for (const row of context
    .statement(sql)
    .raw()
    .iterate(...where.parameters) as Iterable<number[]>) {
    if (--untilLook === 0) {
      signal?.throwIfAborted();
      untilLook = ROWS_BETWEEN_LOOKS;
    }
    const bucket = unitMillis === undefined ? 0 : bucketAt(Math.max((row[0] ?? 0) * unitMillis, range.startMillis));
    const key = groupBy.map((_, i) => context.nameOf(row[i + 1] ?? 0));
    yield { cell: cells.of(bucket, key), rest: row.slice(keys.length) };
  }
}

/** The longest of quarter hour and minute that never reaches over the edge between two buckets; undefined for one. */
function unitOf(edges: readonly number[]): number | undefined {
  if (edges.length === 2) return undefined;
  return edges.slice(1, -1).every((edge) => edge % QUARTER_HOUR_MILLIS === 0) ? QUARTER_HOUR_MILLIS : MINUTE_MILLIS;
}

/** Finds buckets by time; rows come in order mostly, so the last bucket is tried first. */
function createBucketFinder(edges: readonly number[]): (millis: number) => number {
  let last = 0;
  return (millis) => {
    const isInLast = millis >= (edges[last] ?? 0) && millis < (edges[last + 1] ?? 0);
    if (isInLast) return last;
    let low = 0;
    let high = edges.length - 2;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((edges[middle] ?? 0) <= millis) low = middle;
      else high = middle - 1;
    }
    last = low;
    return low;
  };
}
