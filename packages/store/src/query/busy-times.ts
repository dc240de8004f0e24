/** First and last moments of agents inside of times that are known to be busy, from single facts. */
import { QUARTER_HOUR_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import type { Condition } from "../read/filters.ts";
import { MAX_STRAY } from "../write/locator.ts";
import { type AgentMoments, type MomentsQuestion, readAgentMoments } from "./agent-moments.ts";
import type { QueryContext } from "./context.ts";
import { FACT_TABLES } from "./ledger-sql.ts";
import type { Population } from "./measures.ts";
import type { PresenceQuestion } from "./presence.ts";
import { findScope } from "./selection.ts";

/** A time in which agents did something. */
export interface BusyTime extends TimeRange {
  /**
   * Populations to look at, each with what its facts in this time add to the sums that show that there are any;
   * undefined where that is not known.
   */
  readonly presence: ReadonlyMap<Population, number | undefined>;
}

/** First and last fact of an agent. */
export interface Seen {
  readonly firstMillis: number;
  readonly lastMillis: number;
}

/**
 * The exact moments inside some times, by agent.
 * @param times ascending; none is longer than a quarter hour when there are several.
 */
export function readMoments(
  context: QueryContext,
  { filter, signal }: Pick<PresenceQuestion, "filter" | "signal">,
  times: readonly BusyTime[],
): (agent: string) => Seen | undefined {
  const scope = findScope(context, filter);
  const found = new Map<string, Seen>();
  for (const population of new Set(times.flatMap(({ presence }) => [...presence.keys()]))) {
    const busy = times.filter(({ presence }) => presence.has(population));
    for (const { span, quarterHours, times: together } of togetherInRows(busy)) {
      signal?.throwIfAborted();
      const inside = isInOneOf(FACT_TABLES[population].time, quarterHours);
      const presence = addUp(together.map((time) => time.presence.get(population)));
      for (const { agent, first, last } of readFewest(context, { population, filter, scope, span, inside }, presence)) {
        const name = context.nameOf(agent);
        const { firstMillis, lastMillis } = found.get(name) ?? { firstMillis: first, lastMillis: last };
        found.set(name, { firstMillis: Math.min(first, firstMillis), lastMillis: Math.max(last, lastMillis) });
      }
    }
  }
  return (agent) => found.get(agent);
}

/** Nearly all rows lie in the quarter hour of their time, and the others next to it mostly. */
const FEW_STRAY = [0, 1] as const;

/**
 * Looks at rows that lie where their time is, and further away only while some are missing.
 * @param presence what all facts add to the sums that show that there are any; undefined: not known.
 */
function readFewest(
  context: QueryContext,
  question: MomentsQuestion,
  presence: number | undefined,
): readonly AgentMoments[] {
  if (presence !== undefined && FACT_TABLES[question.population].isInRowOrder) {
    for (const maxStray of FEW_STRAY) {
      const moments = readAgentMoments(context, { ...question, maxStray });
      if (addUp(moments.map((each) => each.presence)) === presence) return moments;
    }
  }
  return readAgentMoments(context, question);
}

function addUp(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce<number | undefined>(
    (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
    0,
  );
}

/** Times whose rows are read together. */
interface RowsTogether<Time extends TimeRange> {
  readonly span: TimeRange;
  /** Undefined: all of the span. */
  readonly quarterHours: readonly number[] | undefined;
  readonly times: readonly Time[];
}

/** Rows may lie away from their time: of quarter hours that are near to each other mostly the same rows are read. */
export function togetherInRows<Time extends TimeRange>(ascending: readonly Time[]): readonly RowsTogether<Time>[] {
  const groups: Time[][] = [];
  for (const range of ascending) {
    const group = groups.at(-1);
    const gap = range.startMillis - (group?.at(-1)?.endMillis ?? Number.NEGATIVE_INFINITY);
    if (group === undefined || gap > 2 * MAX_STRAY * QUARTER_HOUR_MILLIS) groups.push([range]);
    else group.push(range);
  }
  return groups.map((times) => ({
    span: { startMillis: times[0]?.startMillis ?? 0, endMillis: times.at(-1)?.endMillis ?? 0 },
    quarterHours: times.length === 1 ? undefined : times.map(({ startMillis }) => quarterHourOf(startMillis)),
    times,
  }));
}

function isInOneOf(time: string, quarterHours: readonly number[] | undefined): Condition {
  if (quarterHours === undefined) return { condition: "true", parameters: [] };
  return {
    condition: `${time} / ${QUARTER_HOUR_MILLIS} IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(quarterHours)],
  };
}
