/** What the live counters stand at, as series. */
import type { Database } from "better-sqlite3";
import type { CumulativeAttributes } from "../cumulative/types.ts";
import { OVERFLOW_VALUE } from "../cumulative/types.ts";
import { valueNames } from "../cumulative/value-names.ts";
import type { ValueRules } from "./exposure-types.ts";
import { nameLabels, overflowing } from "./label-values.ts";
import { decodeLiveData } from "./live-data.ts";
import { ATTRIBUTE_OF_LABEL, LIVE_SOURCES, type LiveLabel, type LiveSource } from "./live-sources.ts";
import type { LiveData } from "./types.ts";

/**
 * Numbers that never fall as long as facts are only added, in the units of the file: of a counter its sum; of a histogram
 * the sum of its values, then how many of them lie up to each bound, then how many there are.
 */
export type LiveVector = readonly number[];

/** A series as the facts say it is. */
export interface LiveSeries {
  readonly source: LiveSource;
  readonly attributes: CumulativeAttributes;
  /** Metric and attributes. */
  readonly key: string;
  /** Time of the earliest fact. */
  readonly sinceMillis: number;
  readonly vector: LiveVector;
}

interface LiveRow {
  readonly product: string;
  readonly project: string;
  readonly agent: string;
  readonly model: string;
  readonly tool: string;
  readonly errorType: string;
  readonly taskKind: string;
  readonly taskResult: string;
  readonly labels: string;
  readonly since: number;
  readonly data: string;
}

const SELECT = `
SELECT coalesce(product.text, '') AS product, coalesce(project.text, '') AS project, coalesce(agent.text, '') AS agent,
  coalesce(model.text, '') AS model, coalesce(tool.text, '') AS tool, coalesce(error_type.text, '') AS errorType,
  task_kind AS taskKind, task_result AS taskResult, coalesce(labels.text, '') AS labels, since, data
FROM live_counter
LEFT JOIN string AS product ON product.id = product_id
LEFT JOIN string AS project ON project.id = project_id
LEFT JOIN string AS agent ON agent.id = agent_id
LEFT JOIN string AS model ON model.id = model_id
LEFT JOIN string AS tool ON tool.id = tool_id
LEFT JOIN string AS error_type ON error_type.id = error_type_id
LEFT JOIN string AS labels ON labels.id = labels_id`;

/** Labels whose values are names of others, of which there may be any number. */
const OPEN_LABELS = ["product", "project", "agent", "model", "tool", "errorType"] as const;

/** Every series that is not nothing, and how many values of labels share {@link OVERFLOW_VALUE}. */
export function readLiveSeries(
  database: Database,
  rules: ValueRules,
): { readonly series: readonly LiveSeries[]; readonly overflowingValues: number } {
  const rows = database.prepare<[], LiveRow>(SELECT).all();
  const namings = OPEN_LABELS.map(
    (label) =>
      [
        label,
        valueNames(
          database,
          rows.map((row) => row[label]),
          rules,
        ),
      ] as const,
  );
  const values = new Map<LiveLabel, ReadonlyMap<string, string>>(namings);
  const promoted = nameLabels(
    database,
    rows.map((row) => row.labels),
    rules,
  );
  const series = new Map<string, LiveSeries>();
  const add = (found: LiveSeries): void => {
    const known = series.get(found.key);
    series.set(found.key, known === undefined ? found : joined(known, found));
  };
  for (const row of rows) {
    const data = decodeLiveData(row.data);
    const named = (label: LiveLabel): string => values.get(label)?.get(row[label]) ?? row[label];
    const promotedLabels = promoted.labels.get(row.labels);
    for (const source of LIVE_SOURCES) {
      for (const { attributes: more, vector } of vectorsOf(source, data)) {
        const labels = source.labels.map((label) => [ATTRIBUTE_OF_LABEL[label], named(label)] as const);
        const attributes = {
          ...Object.fromEntries(labels.filter(([, value]) => value !== "")),
          ...more,
          ...promotedLabels,
        };
        add({ source, attributes, key: seriesKey(source, attributes), sinceMillis: row.since, vector });
      }
    }
  }
  // What is taken back may have been too old to be counted: that is none, not one less than none.
  const shown = [...series.values()].map((each) => ({
    ...each,
    vector: each.vector.map((value) => Math.max(0, value)),
  }));
  const overflowingValues = [...values.values()].reduce((sum, names) => sum + overflowing(names), promoted.overflowing);
  return { series: shown, overflowingValues };
}

/** The series that stands for those that are too many. */
export function overflowOf(series: LiveSeries): LiveSeries {
  const names = Object.keys(series.attributes);
  const attributes = Object.fromEntries(names.map((name) => [name, OVERFLOW_VALUE]));
  return { ...series, attributes, key: seriesKey(series.source, attributes) };
}

/** Both together. */
export function joined(a: LiveSeries, b: LiveSeries): LiveSeries {
  const vector = a.vector.map((value, i) => value + (b.vector[i] ?? 0));
  return { ...a, sinceMillis: Math.min(a.sinceMillis, b.sinceMillis), vector };
}

/** Metric and attributes as text that can be read back. */
function seriesKey({ metric }: LiveSource, attributes: CumulativeAttributes): string {
  const pairs = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metric.key, Object.fromEntries(pairs)]);
}

const SOURCE_OF_KEY: ReadonlyMap<string, LiveSource> = new Map(
  LIVE_SOURCES.map((source) => [source.metric.key, source]),
);

/** What a key says; undefined for a metric that this version does not know. */
export function seriesOfKey(key: string): Pick<LiveSeries, "source" | "attributes"> | undefined {
  const [metric, attributes] = JSON.parse(key) as [string, CumulativeAttributes];
  const source = SOURCE_OF_KEY.get(metric);
  return source === undefined ? undefined : { source, attributes };
}

function* vectorsOf(
  { from }: LiveSource,
  { sums, buckets }: LiveData,
): Generator<{ readonly attributes: CumulativeAttributes; readonly vector: LiveVector }> {
  if ("distribution" in from) {
    const counts = buckets[from.distribution];
    if (counts === undefined) return;
    const reached = new Array<number>(from.exponents.length + 1).fill(0);
    for (const [exponent, count] of Object.entries(counts)) {
      const place = from.exponents.findIndex((bound) => Number(exponent) <= bound);
      // Every bound from there on is passed.
      for (let i = place === -1 ? from.exponents.length : place; i < reached.length; i++)
        reached[i] = (reached[i] ?? 0) + count;
    }
    // A fact whose place another one takes may have been too old to be counted: then its bucket is one short.
    for (let i = 0; i < reached.length; i++) reached[i] = Math.max(reached[i] ?? 0, reached[i - 1] ?? 0);
    yield { attributes: {}, vector: [sums[from.distribution] ?? 0, ...reached] };
    return;
  }
  for (const { attributes, terms } of from.parts) {
    let sum = 0;
    for (const [name, sign] of Object.entries(terms)) sum += sign * (sums[name as keyof typeof sums] ?? 0);
    if (sum !== 0) yield { attributes, vector: [sum] };
  }
}
