/** Agent and swarm rows of MoAI-Flow as samples of a metric. */
import type { ZoneCalendar } from "@moai-metrics/model";
import { parseRowTime, type RowTime } from "./row-time.ts";
import type { SourceRow } from "./source-rows.ts";

/** One measured value. */
export interface MoaiFlowSample {
  /** Name of the metric, `moai_flow.…`. */
  readonly metric: string;
  /** UCUM; empty where the file does not say. */
  readonly unit: string;
  /** `delta`: an amount that came in between two times; `gauge`: a reading. */
  readonly kind: "delta" | "gauge";
  readonly valueType: "int" | "double";
  readonly attributes: Readonly<Record<string, string>>;
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly value: number;
}

/** What a row of a metric became: a sample, or the reason why not. */
export type MappedMetric = { readonly sample: MoaiFlowSample } | { readonly skipped: string };

interface MetricTable {
  readonly subject: "agent" | "swarm";
  readonly idColumn: "agent_id" | "swarm_id";
  readonly attribute: string;
}

const AGENT_NAME = "gen_ai.agent.name";
const AGENTS: MetricTable = { subject: "agent", idColumn: "agent_id", attribute: AGENT_NAME };
const SWARMS: MetricTable = { subject: "swarm", idColumn: "swarm_id", attribute: "moai_flow.swarm.name" };

/** Maps one row of `agent_metrics`. */
export function mapAgentMetricRow(row: SourceRow, calendar: ZoneCalendar): MappedMetric {
  return mapMetricRow(row, AGENTS, calendar);
}

/** Maps one row of `swarm_metrics`. */
export function mapSwarmMetricRow(row: SourceRow, calendar: ZoneCalendar): MappedMetric {
  return mapMetricRow(row, SWARMS, calendar);
}

/**
 * The type is stored as its writer had it: `success_rate`, or `agent_success_rate` where the enumeration was passed.
 * Both are the same metric. The value is kept as it is, without a unit: the file does not say whether a rate is a share or a
 * percentage, nor what a duration is counted in.
 */
function mapMetricRow(row: SourceRow, table: MetricTable, calendar: ZoneCalendar): MappedMetric {
  const time = parseRowTime(row["timestamp"], calendar);
  if (time === undefined) return { skipped: "timestamp not understood" };
  const name = row[table.idColumn];
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME_LENGTH) {
    return { skipped: `${table.subject} metric without a name` };
  }
  const type = row["metric_type"];
  if (typeof type !== "string" || !TYPE_FORM.test(type)) return { skipped: `${table.subject} metric of an odd type` };
  const value = row["value"];
  if (typeof value !== "number" || !Number.isFinite(value)) return { skipped: "value not a number" };
  const id = row["metric_id"];
  const timeUnixNano = nanos(time, typeof id === "number" ? id : 0);
  const sample: MoaiFlowSample = {
    metric: `moai_flow.${table.subject}.${type.replace(`${table.subject}_`, "")}`,
    unit: "",
    kind: "gauge",
    valueType: "double",
    attributes: { [table.attribute]: name },
    startTimeUnixNano: timeUnixNano,
    timeUnixNano,
    value,
  };
  return { sample };
}

const MAX_NAME_LENGTH = 255;
const TYPE_FORM = /^[a-z][a-z0-9_]{0,62}$/;

/** A sample that belongs to an agent. `place` tells apart what happened in the same microsecond. */
export function agentSample(
  measured: Pick<MoaiFlowSample, "metric" | "unit" | "kind" | "valueType" | "value"> & {
    readonly agent: string;
    readonly time: RowTime;
    readonly startedAtMillis: number;
    readonly place: number;
  },
): MoaiFlowSample {
  const { agent, time, startedAtMillis, place, ...rest } = measured;
  const timeUnixNano = nanos(time, place);
  const startNano = BigInt(startedAtMillis) * NANOS_PER_MILLI;
  return {
    ...rest,
    attributes: { [AGENT_NAME]: agent },
    startTimeUnixNano: startNano < timeUnixNano ? startNano : timeUnixNano,
    timeUnixNano,
  };
}

const NANOS_PER_MILLI = 1_000_000n;

/**
 * The file is exact to the microsecond, some of it to the second. The three digits below carry a number of the row, so that two
 * rows of one time stay two, and the same row read again is the same.
 */
function nanos({ millis, micros }: RowTime, place: number): bigint {
  return BigInt(millis) * NANOS_PER_MILLI + BigInt(micros) * 1000n + BigInt(Math.abs(place) % 1000);
}
