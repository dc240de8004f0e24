/** When agents were first and last seen: the rollups say in which quarter hours, the ledger at which moments. */
import { QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import { type BusyTime, readMoments, type Seen, togetherInRows } from "./busy-times.ts";
import type { Cell } from "./cells.ts";
import { collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters } from "./filter-rules.ts";
import { type Population, PRESENCE } from "./measures.ts";
import { planPresence, populationsOf } from "./overall.ts";
import { collectPresence, joinPresence, type PresenceQuestion, type Present } from "./presence.ts";

/** What to look through. */
export interface SeenQuestion extends Pick<PresenceQuestion, "method" | "range" | "filter" | "signal"> {
  /** What did anything in the range; the first name of each key is that of the agent. */
  readonly groups: readonly Present[];
}

/** Looks up every agent; undefined for one without facts. */
export function readSeen(context: QueryContext, question: SeenQuestion): (agent: string) => Seen | undefined {
  const { range, filter, groups } = question;
  if (ledgerFilters(filter).length > 0)
    return readMoments(context, question, [
      { ...range, presence: new Map(populationsOf(filter).map((population) => [population, undefined])) },
    ]);
  const quarters = findQuarterHours(context, question, timesByAgent(groups));
  const ledgerStart = context.ledgerStartMillis() ?? 0;
  const kept = findBusyTimes(context, question, quarters).filter(({ startMillis }) => startMillis >= ledgerStart);
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

type TimesByAgent = ReadonlyMap<string, Omit<Present, "key">>;

/** Per agent, where its first and its last fact lie. */
function timesByAgent(groups: readonly Present[]): TimesByAgent {
  const times = new Map<string, Omit<Present, "key">>();
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
  times: TimesByAgent,
): TimesByAgent {
  const answers = new Map<string, TimesByAgent>();
  const ask = (range: TimeRange): TimesByAgent | undefined => {
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

/**
 * The quarter hours in which agents were first or last seen, ascending, each once, with the facts that these agents have
 * in it: those of the others need not be read.
 */
function findBusyTimes(
  context: QueryContext,
  { method, filter, signal }: SeenQuestion,
  times: TimesByAgent,
): readonly BusyTime[] {
  const byStart = new Map<number, WantedTime>();
  for (const [agent, { first, last }] of times) {
    for (const time of [first, last]) {
      const known = byStart.get(time.startMillis) ?? { time, agents: new Set(), all: new Map(), wanted: new Set() };
      known.agents.add(agent);
      byStart.set(time.startMillis, known);
    }
  }
  const ascending = [...byStart.values()].map(({ time }) => time).sort((a, b) => a.startMillis - b.startMillis);
  const want = planPresence(filter);
  for (const { span: range } of togetherInRows(ascending)) {
    const edges = edgesEvery(QUARTER_HOUR_MILLIS, range);
    const { cells } = collect(context, { method, range, edges, filter, groupBy: ["agent"], want, signal });
    for (const cell of cells) {
      const busy = byStart.get(edges[cell.bucket] ?? 0);
      if (busy !== undefined) notePresence(busy, cell, populationsOf(filter));
    }
  }
  return ascending.map((time) => {
    const { all, wanted } = byStart.get(time.startMillis) ?? NOTHING_WANTED;
    return { ...time, presence: new Map(Array.from(wanted, (population) => [population, all.get(population)])) };
  });
}

/** A quarter hour in which some agents were first or last seen. */
interface WantedTime {
  readonly time: TimeRange;
  readonly agents: Set<string>;
  /** What the facts of all agents add to the sums that show that there are any. */
  readonly all: Map<Population, number>;
  /** Populations that the wanted agents have facts of. */
  readonly wanted: Set<Population>;
}

const NOTHING_WANTED: Pick<WantedTime, "all" | "wanted"> = { all: new Map(), wanted: new Set() };

function notePresence({ agents, all, wanted }: WantedTime, cell: Cell, populations: readonly Population[]): void {
  for (const population of populations) {
    const presence = PRESENCE[population].reduce((sum, name) => sum + cell.sum(name), 0);
    all.set(population, (all.get(population) ?? 0) + presence);
    if (presence > 0 && agents.has(cell.key[0] ?? "")) wanted.add(population);
  }
}

function edgesEvery(step: number, { startMillis, endMillis }: TimeRange): number[] {
  const edges = [startMillis];
  for (let edge = (Math.floor(startMillis / step) + 1) * step; edge < endMillis; edge += step) edges.push(edge);
  edges.push(endMillis);
  return edges;
}
