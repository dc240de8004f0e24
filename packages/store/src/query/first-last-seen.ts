/** When agents were first and last seen: the rollups say in which quarter hours, the ledger at which moments. */
import { QUARTER_HOUR_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import type { Condition } from "../read/filters.ts";
import { MAX_STRAY } from "../write/locator.ts";
import { readAgentMoments } from "./agent-moments.ts";
import { collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters } from "./filter-rules.ts";
import { FACT_TABLES } from "./ledger-sql.ts";
import { type Population, PRESENCE } from "./measures.ts";
import { planPresence, populationsOf } from "./overall.ts";
import { collectPresence, joinPresence, type PresenceQuestion, type Present } from "./presence.ts";
import { findScope } from "./selection.ts";

/** First and last fact of an agent. */
export interface Seen {
  readonly firstMillis: number;
  readonly lastMillis: number;
}

/** What to look through. */
export interface SeenQuestion extends Pick<PresenceQuestion, "method" | "range" | "filter" | "signal"> {
  /** What did anything in the range; the first name of each key is that of the agent. */
  readonly groups: readonly Present[];
}

/** Looks up every agent; undefined for one without facts. */
export function readSeen(context: QueryContext, question: SeenQuestion): (agent: string) => Seen | undefined {
  const { range, filter, groups } = question;
  if (ledgerFilters(filter).length > 0)
    return readMoments(context, question, [{ ...range, populations: populationsOf(filter) }]);
  const quarters = tellPopulations(context, question, findQuarterHours(context, question, timesByAgent(groups)));
  const ledgerStart = context.ledgerStartMillis() ?? 0;
  const kept = distinctTimes([...quarters.values()].flatMap(({ first, last }) => [first, last])).filter(
    ({ startMillis }) => startMillis >= ledgerStart,
  );
  const exact = readMoments(context, question, kept);
  return (agent) => {
    const times = quarters.get(agent);
    if (times === undefined) return undefined;
    const moments = exact(agent);
    // What the ledger no longer holds is known by the quarter hour.
    const isKept = (time: TimeRange): boolean => time.startMillis >= ledgerStart;
    return {
      firstMillis: isKept(times.first) ? (moments?.firstMillis ?? times.first.startMillis) : times.first.startMillis,
      lastMillis: isKept(times.last) ? (moments?.lastMillis ?? times.last.startMillis) : times.last.startMillis,
    };
  };
}

/** A stretch in which agents did something, and the facts that show it. */
interface BusyTime extends TimeRange {
  readonly populations: readonly Population[];
}

interface FirstLast<Time extends TimeRange> {
  readonly first: Time;
  readonly last: Time;
}

type TimesByAgent<Time extends TimeRange> = ReadonlyMap<string, FirstLast<Time>>;

/** Per agent, where its first and its last fact lie. */
function timesByAgent(groups: readonly Present[]): TimesByAgent<TimeRange> {
  const times = new Map<string, FirstLast<TimeRange>>();
  for (const { key, first, last } of groups) {
    const [agent = ""] = key;
    const known = times.get(agent);
    times.set(agent, known === undefined ? { first, last } : joinPresence(known, { first, last }));
  }
  return times;
}

/** The first and last quarter hours in which agents did anything. Many agents share the days in which these lie. */
function findQuarterHours(
  context: QueryContext,
  { method, filter, signal }: SeenQuestion,
  times: TimesByAgent<TimeRange>,
): TimesByAgent<TimeRange> {
  const answers = new Map<string, TimesByAgent<TimeRange>>();
  const ask = (range: TimeRange): TimesByAgent<TimeRange> | undefined => {
    if (range.endMillis - range.startMillis <= QUARTER_HOUR_MILLIS) return undefined;
    const name = `${range.startMillis}-${range.endMillis}`;
    let answer = answers.get(name);
    if (answer === undefined) {
      const shared = { method, range, filter, signal };
      answer = timesByAgent(collectPresence(context, { ...shared, groupBy: ["agent"], isByQuarterHour: true }));
      answers.set(name, answer);
    }
    return answer;
  };
  return new Map(
    Array.from(times, ([agent, { first, last }]) => [
      agent,
      { first: ask(first)?.get(agent)?.first ?? first, last: ask(last)?.get(agent)?.last ?? last },
    ]),
  );
}

/** Adds which facts agents have in their quarter hours: those of the others need not be read. */
function tellPopulations(
  context: QueryContext,
  { method, filter, signal }: SeenQuestion,
  times: TimesByAgent<TimeRange>,
): TimesByAgent<BusyTime> {
  const busy = distinctTimes(
    [...times.values()].flatMap(({ first, last }) => [first, last]).map((time) => ({ ...time, populations: [] })),
  );
  const found = new Map<string, readonly Population[]>();
  for (const { span: range } of togetherInRows(busy)) {
    const edges = edgesEvery(QUARTER_HOUR_MILLIS, range);
    const want = planPresence(filter);
    const { cells } = collect(context, { method, range, edges, filter, groupBy: ["agent"], want, signal });
    for (const cell of cells) {
      const populations = populationsOf(filter).filter((each) => PRESENCE[each].some((name) => cell.sum(name) > 0));
      found.set(nameOfTime(cell.key[0] ?? "", edges[cell.bucket] ?? 0), populations);
    }
  }
  const tell = (agent: string, time: TimeRange): BusyTime => ({
    ...time,
    populations: found.get(nameOfTime(agent, time.startMillis)) ?? [],
  });
  return new Map(
    Array.from(times, ([agent, { first, last }]) => [agent, { first: tell(agent, first), last: tell(agent, last) }]),
  );
}

function nameOfTime(agent: string, startMillis: number): string {
  return `${startMillis} ${agent}`;
}

function edgesEvery(step: number, { startMillis, endMillis }: TimeRange): number[] {
  const edges = [startMillis];
  for (let edge = (Math.floor(startMillis / step) + 1) * step; edge < endMillis; edge += step) edges.push(edge);
  edges.push(endMillis);
  return edges;
}

/** Ascending, each once, with what any of the agents did in it. */
function distinctTimes(times: readonly BusyTime[]): BusyTime[] {
  const byStart = new Map<number, BusyTime>();
  for (const time of times) {
    const known = byStart.get(time.startMillis);
    const populations = known === undefined ? time.populations : [...known.populations, ...time.populations];
    byStart.set(time.startMillis, { ...time, populations });
  }
  return [...byStart.values()].sort((a, b) => a.startMillis - b.startMillis);
}

/** The exact moments inside some times, none of which is longer than a quarter hour when there are several. */
function readMoments(
  context: QueryContext,
  { filter, signal }: SeenQuestion,
  times: readonly BusyTime[],
): (agent: string) => Seen | undefined {
  const scope = findScope(context, filter);
  const found = new Map<string, Seen>();
  for (const population of populationsOf(filter)) {
    const busy = times.filter(({ populations }) => populations.includes(population));
    for (const { span, quarterHours } of togetherInRows(busy)) {
      signal?.throwIfAborted();
      const inside = isInOneOf(FACT_TABLES[population].time, quarterHours);
      for (const { agent, first, last } of readAgentMoments(context, { population, filter, scope, span, inside })) {
        const name = context.nameOf(agent);
        const { firstMillis, lastMillis } = found.get(name) ?? { firstMillis: first, lastMillis: last };
        found.set(name, { firstMillis: Math.min(first, firstMillis), lastMillis: Math.max(last, lastMillis) });
      }
    }
  }
  return (agent) => found.get(agent);
}

/** Quarter hours whose rows are read together. */
interface RowsTogether {
  readonly span: TimeRange;
  /** Undefined: all of the span. */
  readonly quarterHours: readonly number[] | undefined;
}

/** Rows may lie away from their time: of quarter hours that are near to each other mostly the same rows are read. */
function togetherInRows(ascending: readonly TimeRange[]): readonly RowsTogether[] {
  const groups: TimeRange[][] = [];
  for (const range of ascending) {
    const group = groups.at(-1);
    const gap = range.startMillis - (group?.at(-1)?.endMillis ?? Number.NEGATIVE_INFINITY);
    if (group === undefined || gap > 2 * MAX_STRAY * QUARTER_HOUR_MILLIS) groups.push([range]);
    else group.push(range);
  }
  return groups.map((group) => ({
    span: { startMillis: group[0]?.startMillis ?? 0, endMillis: group.at(-1)?.endMillis ?? 0 },
    quarterHours: group.length === 1 ? undefined : group.map(({ startMillis }) => quarterHourOf(startMillis)),
  }));
}

function isInOneOf(time: string, quarterHours: readonly number[] | undefined): Condition {
  if (quarterHours === undefined) return { condition: "true", parameters: [] };
  return {
    condition: `${time} / ${QUARTER_HOUR_MILLIS} IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(quarterHours)],
  };
}
