/**
 * The form of MoAI-Flow's Grafana export: `[{"target": "<agent>.duration_ms", "datapoints": [[value, millis], …]}, …]`.
 * Complete, oldest first, with the sums of all facts: `duration_ms` has a point for every ended task at its end; `tasks`,
 * `tokens_used` and `cost_usd` have one for every step with any, at its start.
 */
import type { TimeRange } from "@moai-metrics/model";
import type { CumulativeStep, TimeAnswer } from "@moai-metrics/store";
import { nameOrUnknown } from "../fields.ts";
import { escapeJsonControls } from "../render/plain-text.ts";
import { joinText } from "./join-text.ts";
import { createPointStack, type Datapoint, type PointStack } from "./point-stack.ts";
import { readRows } from "./read-rows.ts";
import type { ExportQuestion, ExportSource, ExportText } from "./types.ts";

/** A question, and how long a step is. */
export interface GrafanaQuestion extends ExportQuestion {
  readonly step: CumulativeStep;
}

/** A line per target, agents in the order of their names. */
export function exportGrafana(source: ExportSource, question: GrafanaQuestion): ExportText {
  return joinText(documentText(source, question));
}

function* documentText(source: ExportSource, question: GrafanaQuestion): Generator<string> {
  let separator = "[\n";
  for (const [name, targets] of [
    ["duration_ms", () => durations(source, question)],
    ["tasks", () => sums(source, question, "tasks")],
    ["tokens_used", () => sums(source, question, "tokens")],
    ["cost_usd", () => sums(source, question, "cost")],
  ] as const) {
    // One kind of target is in memory at a time.
    for (const [agent, datapoints] of [...targets()].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const target = escapeJsonControls(JSON.stringify(`${nameOrUnknown(agent)}.${name}`));
      yield `${separator}{"target":${target},"datapoints":[`;
      let between = "";
      for (const group of inGroups(datapoints)) {
        yield between + JSON.stringify(group).slice(1, -1);
        between = ",";
      }
      yield "]}";
      separator = ",\n";
    }
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

/** Points that become text together: one string for each would live until the piece is written. */
const POINTS_AT_ONCE = 256;

function* inGroups(points: Iterable<Datapoint>): Generator<Datapoint[]> {
  let group: Datapoint[] = [];
  for (const point of points) {
    group.push(point);
    if (group.length < POINTS_AT_ONCE) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Rows come newest first, so two numbers of each task are kept. */
function durations({ query }: ExportSource, { filter, hidden }: GrafanaQuestion): Map<string, Iterable<Datapoint>> {
  const byAgent = new Map<string, PointStack>();
  if (hidden?.tasks?.has("durationMs")) return new Map();
  for (const { agent, durationMillis, lastSeenAtMillis, result } of readRows(query, "tasks", filter)) {
    if (result === "open") continue;
    const known = byAgent.get(agent) ?? createPointStack();
    byAgent.set(agent, known);
    known.push(durationMillis, lastSeenAtMillis);
  }
  return new Map([...byAgent].map(([agent, points]) => [agent, points.lastFirst()]));
}

interface Asked {
  readonly interval: CumulativeStep | "month";
  readonly groupBy?: readonly ["agent"];
  readonly range: TimeRange | undefined;
}

/**
 * What each agent adds up to in each step, month by month: an answer about years would be in memory as a whole. Tasks have
 * no model, so a choice of models leaves them out.
 */
function sums(
  { query }: ExportSource,
  { filter, step }: GrafanaQuestion,
  measure: "tasks" | "tokens" | "cost",
): Map<string, Datapoint[]> {
  const { models, ...others } = filter;
  const byAgent = new Map<string, Datapoint[]>();
  if (measure === "tasks" && models !== undefined) return byAgent;
  const ask = (asked: Asked): TimeAnswer["buckets"] =>
    measure === "tasks"
      ? query.aggregateByTime({ ...others, ...asked, function: "sum", measure }).buckets
      : query.aggregateByTime({ ...filter, ...asked, function: "sum", measure }).buckets;
  const divisor = measure === "cost" ? NANO_USD_A_DOLLAR : 1;
  for (const { startMillis, endMillis } of ask({ interval: "month", range: filter.range })) {
    for (const bucket of ask({ interval: step, groupBy: ["agent"], range: { startMillis, endMillis } })) {
      const { agent = "", value = 0 } = bucket;
      if (value === 0) continue;
      const points = byAgent.get(agent) ?? [];
      byAgent.set(agent, points);
      points.push([value / divisor, bucket.startMillis]);
    }
  }
  return byAgent;
}

const NANO_USD_A_DOLLAR = 1e9;
