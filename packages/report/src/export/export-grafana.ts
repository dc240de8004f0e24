/**
 * The form of MoAI-Flow's Grafana export: `[{"target": "<agent>.duration_ms", "datapoints": [[value, millis], …]}, …]`.
 * Complete, oldest first, with the sums of all facts: `duration_ms` has a point for every ended task at its end; `tasks`,
 * `tokens_used` and `cost_usd` have one for every step with any, at its start.
 */
import type { CumulativeStep } from "@moai-metrics/store";
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
      for (const point of datapoints) {
        yield `${between}[${point[0]},${point[1]}]`;
        between = ",";
      }
      yield "]}";
      separator = ",\n";
    }
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
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

/** What each agent adds up to in each step. Tasks have no model, so a choice of models leaves them out. */
function sums(
  { query }: ExportSource,
  { filter, step }: GrafanaQuestion,
  measure: "tasks" | "tokens" | "cost",
): Map<string, Datapoint[]> {
  const { models, ...others } = filter;
  if (measure === "tasks" && models !== undefined) return new Map();
  const asked = { function: "sum", interval: step, groupBy: ["agent"] } as const;
  const { buckets } =
    measure === "tasks"
      ? query.aggregateByTime({ ...others, ...asked, measure })
      : query.aggregateByTime({ ...filter, ...asked, measure });
  const divisor = measure === "cost" ? NANO_USD_A_DOLLAR : 1;
  const byAgent = new Map<string, Datapoint[]>();
  for (const { agent = "", startMillis, value = 0 } of buckets) {
    if (value === 0) continue;
    const points = byAgent.get(agent) ?? [];
    byAgent.set(agent, points);
    points.push([value / divisor, startMillis]);
  }
  return byAgent;
}

const NANO_USD_A_DOLLAR = 1e9;
