/** Which time and facts a question about cumulative series means, and what its names become. */
import { QUARTER_HOUR_MILLIS, quarterHourOf } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { QueryContext } from "../query/context.ts";
import type { Dimension } from "../read/types.ts";
import type { RollupQuestion } from "../rollup/types.ts";
import { readFactSpan } from "./fact-span.ts";
import type { CumulativeQuestion } from "./types.ts";
import { valueNames } from "./value-names.ts";

/** Quarter hours with facts, and which facts. */
export interface AskedSpan {
  readonly first: number;
  readonly behind: number;
  readonly filter: RollupQuestion["filter"];
}

/** Undefined where there is nothing. @throws RangeError for a range that begins or ends inside a quarter hour. */
export function readAskedSpan(context: QueryContext, question: CumulativeQuestion): AskedSpan | undefined {
  const { range, products, projects, agents, models } = question;
  for (const edge of range === undefined ? [] : [range.startMillis, range.endMillis]) {
    if (edge % QUARTER_HOUR_MILLIS === 0 || edge === Number.MAX_SAFE_INTEGER) continue;
    throw new RangeError(
      `Series are counted by the quarter hour; ${new Date(edge).toISOString()} lies inside one. ` +
        "Round the range to quarter hours.",
    );
  }
  const known = readFactSpan(context);
  if (known === undefined) return undefined;
  const first = Math.max(known.first, range === undefined ? 0 : quarterHourOf(range.startMillis));
  const behind = Math.min(known.behind, range === undefined ? known.behind : quarterHourOf(range.endMillis));
  return first < behind ? { first, behind, filter: { products, projects, agents, models } } : undefined;
}

/** What the names of each dimension become as values. */
export function createLabelling(
  database: Database,
  question: CumulativeQuestion,
  names: readonly (readonly [Dimension, string])[],
): (dimension: Dimension, name: string) => string {
  const byDimension = new Map<Dimension, ReadonlyMap<string, string>>();
  for (const [dimension, some] of Map.groupBy(names, ([dimension]) => dimension)) {
    byDimension.set(
      dimension,
      valueNames(
        database,
        some.map(([, name]) => name),
        question,
      ),
    );
  }
  return (dimension, name) => byDimension.get(dimension)?.get(name) ?? name;
}
