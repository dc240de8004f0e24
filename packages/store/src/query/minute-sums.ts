/** Sums by minute: from sheets in memory as far as they can answer, otherwise straight from the facts. */
import { DAY_MILLIS, type TimeRange } from "@moai-metrics/model";
import type { RollupSum } from "../rollup/types.ts";
import type { QueryContext } from "./context.ts";
import { FACT_TABLES } from "./ledger-sql.ts";
import type { Population } from "./measures.ts";
import { planSumColumns, readFactColumns } from "./minute-facts.ts";
import { hasOnlyDimensions, minuteSheetsOf } from "./minute-sheets.ts";
import { planSelection, type Scope } from "./selection.ts";
import type { FactFilter } from "./types.ts";

const MINUTE_MILLIS = 60_000;
/** The rows of more time would take too much memory at once. */
const MAX_MILLIS = DAY_MILLIS;

/** What is asked of a table of facts. */
export interface MinuteQuestion {
  readonly population: Population;
  readonly filter: FactFilter;
  readonly scope: Scope;
  readonly range: TimeRange;
  /** Sums that the table has. */
  readonly sums: readonly RollupSum[];
  /** Sums of which only the total is asked: the first of them gets all of it. */
  readonly together: readonly RollupSum[];
}

/** Sums in columns. */
export interface MinuteSums {
  readonly firstMinute: number;
  /** By sum that was added up, from the first minute on. */
  readonly totals: ReadonlyMap<RollupSum, Float64Array>;
}

/**
 * Sums of parts of the range, which lie one behind the other and may meet inside of a minute.
 * @returns undefined when the range is too long.
 */
export function readMinuteSums(context: QueryContext, question: MinuteQuestion): readonly MinuteSums[] | undefined {
  const { population, filter, scope, range } = question;
  if (range.endMillis - range.startMillis > MAX_MILLIS) return undefined;
  const table = FACT_TABLES[population];
  const columns = planSumColumns(table, question.sums, question.together);
  const toSums = (part: TimeRange, totals: readonly Float64Array[]): MinuteSums => ({
    firstMinute: Math.floor(part.startMillis / MINUTE_MILLIS),
    totals: new Map(columns.map(({ name }, i) => [name, totals[i] ?? NO_TOTALS])),
  });
  const readFacts = (part: TimeRange): MinuteSums => {
    const { minutes, numbers } = readFactColumns(
      context,
      table,
      planSelection(population, filter, scope, part),
      columns,
    );
    return toSums(
      part,
      numbers.map((each) => addUp(minutes, each, part)),
    );
  };
  const sheets = population === "calls" && hasOnlyDimensions(filter) ? minuteSheetsOf(context) : undefined;
  const { before, whole, behind } = planMinuteParts(range);
  if (sheets === undefined || whole === undefined) return [readFacts(range)];
  return [
    ...before.map(readFacts),
    toSums(whole, sheets.addUp({ range: whole, filter, columns })),
    ...behind.map(readFacts),
  ];
}

const NO_TOTALS = new Float64Array(0);

/** The whole minutes of a range, and what is cut off on either side. Pure. */
export function planMinuteParts({ startMillis, endMillis }: TimeRange): {
  readonly before: readonly TimeRange[];
  readonly whole: TimeRange | undefined;
  readonly behind: readonly TimeRange[];
} {
  const first = Math.ceil(startMillis / MINUTE_MILLIS) * MINUTE_MILLIS;
  const last = Math.floor(endMillis / MINUTE_MILLIS) * MINUTE_MILLIS;
  if (first >= last) return { before: [], whole: undefined, behind: [] };
  return {
    before: startMillis < first ? [{ startMillis, endMillis: first }] : [],
    whole: { startMillis: first, endMillis: last },
    behind: last < endMillis ? [{ startMillis: last, endMillis }] : [],
  };
}

function addUp(minutes: ArrayLike<number>, numbers: ArrayLike<number>, range: TimeRange): Float64Array {
  const firstMinute = Math.floor(range.startMillis / MINUTE_MILLIS);
  const totals = new Float64Array(Math.floor((range.endMillis - 1) / MINUTE_MILLIS) - firstMinute + 1);
  for (let fact = 0; fact < minutes.length; fact++) {
    const minute = (minutes[fact] as number) - firstMinute;
    totals[minute] = (totals[minute] as number) + (numbers[fact] as number);
  }
  return totals;
}
