/** The quarter hours between which the rollups hold facts. */
import { DAY_MILLIS, QUARTER_HOUR_MILLIS, quarterHourOf } from "@moai-metrics/model";
import type { QueryContext } from "../query/context.ts";
import { readSpan } from "../query/span.ts";
import { readRollups } from "../rollup/read-rollups.ts";
import { ROLLUP_SUMS } from "../rollup/types.ts";

/** From the first quarter hour with facts to behind the last one. */
export interface FactSpan {
  readonly first: number;
  readonly behind: number;
}

const QUARTER_HOURS_A_DAY = DAY_MILLIS / QUARTER_HOUR_MILLIS;

/** Undefined while there is nothing. */
export function readFactSpan(context: QueryContext): FactSpan | undefined {
  const around = readSpan(context);
  if (around === undefined) return undefined;
  const from = quarterHourOf(around.startMillis);
  const to = quarterHourOf(around.endMillis);
  for (let start = from; start < to; start += QUARTER_HOURS_A_DAY) {
    const [first] = quartersWithFacts(context, start, Math.min(to, start + QUARTER_HOURS_A_DAY));
    if (first === undefined) continue;
    for (let end = to; ; end -= QUARTER_HOURS_A_DAY) {
      const last = quartersWithFacts(context, Math.max(first, end - QUARTER_HOURS_A_DAY), end).at(-1);
      if (last !== undefined) return { first, behind: last + 1 };
    }
  }
  return undefined;
}

function quartersWithFacts({ database }: QueryContext, first: number, behind: number): number[] {
  const edges = Array.from({ length: behind - first + 1 }, (_, i) => first + i);
  const asked = { filter: {}, groupBy: [], sums: ROLLUP_SUMS, extremes: [], histograms: [] };
  return readRollups(database, { ...asked, edges }).map(({ bucket }) => first + bucket);
}
