/** Usage from what counters stood at, at some moments: the growth between two of them is what happened in between. */
import { NO_TOKENS, type Period, TASK_RESULTS, type TaskResult, type TimeRange } from "@moai-metrics/model";
import { DIMENSIONS, type Dimension, type LedgerFilter, type LedgerReader, type UsageGroup } from "@moai-metrics/store";
import { type Measures, sumMeasures } from "../measures.ts";
import { USAGE_LABELS, USAGE_METRIC_OF_NAME, type UsageMetric } from "./usage-metrics.ts";

/** The part of the ledger's answers that Prometheus can give, too. */
export type UsageReader = Pick<LedgerReader, "usage" | "span" | "sessionCounts" | "measuredProjects">;

/** A series, and what it stood at. */
export interface CounterSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What all series stood at, at a moment. */
export interface CounterReading {
  readonly atMillis: number;
  readonly samples: readonly CounterSample[];
}

/** @param readings ascending; questions may be about times that begin and end at them. */
export function createUsageReader(readings: readonly CounterReading[]): UsageReader {
  const states = new Map(readings.map(({ atMillis, samples }) => [atMillis, stateOf(samples)]));
  const [first, last] = [readings[0]?.atMillis ?? 0, readings.at(-1)?.atMillis ?? 0];
  const stateAt = (millis: number): ReadonlyMap<string, CounterSample> => {
    const state = states.get(millis);
    if (state === undefined) throw new RangeError(`Nothing was asked about ${new Date(millis).toISOString()}.`);
    return state;
  };
  const whole: TimeRange = { startMillis: first, endMillis: last };
  return {
    span: () => ({ startMillis: first, endMillis: last - 1 }),
    sessionCounts: () => [],
    measuredProjects: () => [],
    usage: ({ periods, range = whole, by = [], ...filter }) => {
      const asked: readonly (TimeRange & { readonly period?: Period })[] =
        periods === undefined ? [range] : periods.map((period) => ({ ...period, period }));
      return asked.flatMap(({ startMillis, endMillis, period }) => {
        const grown = growth(stateAt(startMillis), stateAt(endMillis)).filter(({ labels }) => isMeant(labels, filter));
        return groupsOf(grown, by).map((group) => (period === undefined ? group : { ...group, period }));
      });
    },
  };
}

function stateOf(samples: readonly CounterSample[]): ReadonlyMap<string, CounterSample> {
  return new Map(samples.map((sample) => [JSON.stringify(Object.entries(sample.labels).sort()), sample]));
}

/** A counter that fell began anew. */
function growth(from: ReadonlyMap<string, CounterSample>, to: ReadonlyMap<string, CounterSample>): CounterSample[] {
  return [...to].flatMap(([key, { labels, value }]) => {
    const before = from.get(key)?.value ?? 0;
    const grown = value >= before ? value - before : value;
    return grown > 0 ? [{ labels, value: grown }] : [];
  });
}

const NAMES_OF_FILTER = { product: "products", project: "projects", agent: "agents", model: "models" } as const;

function isMeant(labels: CounterSample["labels"], filter: LedgerFilter): boolean {
  return DIMENSIONS.every((dimension) => {
    const names = filter[NAMES_OF_FILTER[dimension]];
    return names === undefined || names.includes(labels[USAGE_LABELS[dimension]] ?? "");
  });
}

interface Group {
  readonly names: Partial<Record<Dimension, string>>;
  readonly parts: Measures[];
}

function groupsOf(samples: readonly CounterSample[], by: readonly Dimension[]): UsageGroup[] {
  const groups = new Map<string, Group>();
  for (const sample of samples) {
    const measured = measuresOf(sample);
    if (measured === undefined) continue;
    const names = Object.fromEntries(by.map((dimension) => [dimension, sample.labels[USAGE_LABELS[dimension]] ?? ""]));
    const key = JSON.stringify(names);
    const group: Group = groups.get(key) ?? { names, parts: [] };
    groups.set(key, group);
    group.parts.push(measured);
  }
  return [...groups.values()].map(({ names, parts }) => ({ ...names, ...sumMeasures(parts) }));
}

const NOTHING: Measures = sumMeasures([]);
const NANO_USD_A_DOLLAR = 1e9;
const MILLIS_A_SECOND = 1_000;

/** What one series adds. The input of the conventions holds the cached tokens, ours does not. */
function measuresOf({ labels, value }: CounterSample): Measures | undefined {
  const metric = USAGE_METRIC_OF_NAME.get(labels["__name__"] ?? "");
  if (metric === undefined) return undefined;
  const tokens = (part: Partial<typeof NO_TOKENS>): Measures => ({ ...NOTHING, tokens: { ...NO_TOKENS, ...part } });
  const adders: Readonly<Partial<Record<UsageMetric["key"], () => Measures>>> = {
    inputTokens: () => tokens({ input: value }),
    cacheReadTokens: () => tokens({ input: -value, cacheRead: value }),
    cacheWriteTokens: () => tokens({ input: -value, cacheWrite5m: value }),
    outputTokens: () => tokens({ output: value }),
    reasoningTokens: () => tokens({ reasoning: value }),
    cost: () => {
      const costNanoUsd = Math.round(value * NANO_USD_A_DOLLAR);
      const isReported = labels[USAGE_LABELS.costOrigin] === "reported";
      return { ...NOTHING, costNanoUsd, reportedCostNanoUsd: isReported ? costNanoUsd : 0 };
    },
    callInputTokens: () => ({ ...NOTHING, calls: value }),
    inferenceDuration: () => ({ ...NOTHING, callMillis: Math.round(value * MILLIS_A_SECOND) }),
    executeToolDuration: () => ({
      ...NOTHING,
      toolCalls: value,
      toolErrors: labels[USAGE_LABELS.errorType] === undefined ? 0 : value,
    }),
    taskCount: () => ({ ...NOTHING, tasksByResult: { ...NOTHING.tasksByResult, [resultOf(labels)]: value } }),
    taskDuration: () => ({ ...NOTHING, taskMillis: Math.round(value * MILLIS_A_SECOND) }),
  };
  return adders[metric.key]?.();
}

function resultOf(labels: CounterSample["labels"]): TaskResult {
  return TASK_RESULTS.find((result) => result === labels[USAGE_LABELS.result]) ?? "unknown";
}
