/** Which groups did anything, and when first and last: from what the rollups keep of it, and the ledger at cut-off ends. */
import { QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import type { Dimension } from "../read/types.ts";
import { type QuarterHours, readPresence } from "../rollup/read-presence.ts";
import type { RollupSum } from "../rollup/types.ts";
import { type CollectScope, collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters } from "./filter-rules.ts";
import { planPresence } from "./overall.ts";
import { planQuery } from "./plan.ts";

/** What to look through. */
export interface PresenceQuestion extends Pick<CollectScope, "method" | "range" | "timeZone" | "filter" | "signal"> {
  readonly groupBy: readonly Dimension[];
  /** Whether first and last are wanted by the quarter hour, not only by the day. */
  readonly isByQuarterHour: boolean;
}

/** A group that did something. */
export interface Present {
  /** In the order of `groupBy`. */
  readonly key: readonly string[];
  /** Where the first of it lies. */
  readonly first: TimeRange;
  /** Where the last of it lies. */
  readonly last: TimeRange;
}

/**
 * Every group that did anything, in no order and some more than once: each time tells where there is some of it, and the
 * first of all lies where the earliest of these times are. Must be called inside one state of the file.
 */
export function collectPresence(context: QueryContext, question: PresenceQuestion): readonly Present[] {
  const { method, range, filter } = question;
  const { sums } = planPresence(filter);
  if (range.startMillis >= range.endMillis) return [];
  if (ledgerFilters(filter).length > 0) return readPart(context, question, sums, range);
  const { rollups, ledger } = planQuery({
    method,
    range,
    edges: [range.startMillis, range.endMillis],
    ledgerReason: undefined,
    ledgerStartMillis: context.ledgerStartMillis(),
  });
  return [
    ...(rollups === undefined ? [] : readRollups(context, question, sums, rollups)),
    ...ledger.flatMap((part) => readPart(context, question, sums, part)),
  ];
}

function readRollups(
  context: QueryContext,
  { timeZone, filter, groupBy, isByQuarterHour }: PresenceQuestion,
  sums: readonly RollupSum[],
  { startMillis, endMillis }: TimeRange,
): Present[] {
  return readPresence(context.database, {
    span: [startMillis / QUARTER_HOUR_MILLIS, endMillis / QUARTER_HOUR_MILLIS],
    timeZone,
    filter,
    groupBy,
    sums,
    isByQuarterHour,
  }).map(({ key, first, last }) => ({ key, first: toRange(first), last: toRange(last) }));
}

function toRange({ from, behind }: QuarterHours): TimeRange {
  return { startMillis: from * QUARTER_HOUR_MILLIS, endMillis: behind * QUARTER_HOUR_MILLIS };
}

/** A part that only single facts tell of: all of it is where they lie. */
function readPart(
  context: QueryContext,
  { method, filter, groupBy, signal }: PresenceQuestion,
  sums: readonly RollupSum[],
  part: TimeRange,
): Present[] {
  const { cells } = collect(context, {
    method,
    range: part,
    edges: [part.startMillis, part.endMillis],
    filter,
    groupBy,
    want: { sums, extremes: [], quantiles: [] },
    signal,
  });
  return cells
    .filter((cell) => sums.some((name) => cell.sum(name) > 0))
    .map(({ key }) => ({ key, first: part, last: part }));
}

/** What is known when both are: the first is not behind either of the times, and the last not before either. */
export function joinPresence(a: Omit<Present, "key">, b: Omit<Present, "key">): Omit<Present, "key"> {
  return {
    first: {
      startMillis: Math.min(a.first.startMillis, b.first.startMillis),
      endMillis: Math.min(a.first.endMillis, b.first.endMillis),
    },
    last: {
      startMillis: Math.max(a.last.startMillis, b.last.startMillis),
      endMillis: Math.max(a.last.endMillis, b.last.endMillis),
    },
  };
}
