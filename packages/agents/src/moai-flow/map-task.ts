/** Task rows of MoAI-Flow as facts and samples. */
import {
  FACT_LIMITS,
  hash53,
  joinKey,
  type SessionBoundFact,
  type TaskFact,
  type TaskResult,
  type ZoneCalendar,
} from "@moai-metrics/model";
import { agentSample, type MoaiFlowSample } from "./map-metric.ts";
import { parseRowTime, type RowTime } from "./row-time.ts";
import { MOAI_FLOW_PRODUCT, type SourceRow, type SourceValue } from "./source-rows.ts";

/** What is known beside the rows. */
export interface MoaiFlowOrigin {
  /** The folder that MoAI-Flow worked in; undefined when the file does not lie in a `.swarm` folder. */
  readonly project: string | undefined;
  /** The zone of the machine that wrote the file. */
  readonly calendar: ZoneCalendar;
}

/** What became of one row. A row may give something and still lack something. */
export interface MappedRow {
  readonly facts: readonly SessionBoundFact[];
  readonly samples: readonly MoaiFlowSample[];
  /** What could not be taken over, by reason. */
  readonly skipped: readonly string[];
}

const RESULTS: Readonly<Record<string, TaskResult>> = {
  success: "success",
  failure: "failure",
  timeout: "timeout",
  cancelled: "cancelled",
};

/** The session that a file's rows of one local day belong to: the file knows no sessions. */
function moaiFlowSessionId(origin: MoaiFlowOrigin, millis: number): string {
  const date = origin.calendar.dateOf(millis);
  if (origin.project === undefined) return `swarm-${date}`;
  return `swarm-${date}-${hash53(origin.project).toString(36)}`;
}

/**
 * Maps one row of `task_metrics`. Its natural key there is (task id, timestamp), and so it is here: a task that was
 * recorded twice is two tasks. The only token count is a total, without a model and without parts; since no call can be
 * made of that honestly, it becomes a sample and the ledger knows nothing of it.
 */
export function mapTaskRow(row: SourceRow, origin: MoaiFlowOrigin): MappedRow {
  const time = parseRowTime(row["timestamp"], origin.calendar);
  if (time === undefined) return skip("timestamp not understood");
  const id = row["task_id"];
  const agent = row["agent_id"];
  if (typeof id !== "string" || id === "") return skip("task without an id");
  if (typeof agent !== "string" || agent === "") return skip("task without an agent");

  const skipped: string[] = [];
  const count = (column: string, max: number): number | undefined => {
    const value = row[column] ?? null;
    if (value === null) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) return value;
    skipped.push(`${column} not a whole number within reason`);
    return undefined;
  };
  const durationMillis = count("duration_ms", Math.min(FACT_LIMITS.durationMillis, time.millis));
  const tokens = count("tokens_used", FACT_LIMITS.count);
  const files = count("files_changed", FACT_LIMITS.count);
  const result = resultOf(row["result"] ?? null);
  if (result === "unknown") skipped.push(`result "${wordOf(row["result"] ?? null)}" has no equivalent: unknown`);

  const startedAtMillis = time.millis - (durationMillis ?? 0);
  const base = {
    witness: "transcript",
    product: MOAI_FLOW_PRODUCT,
    sessionId: moaiFlowSessionId(origin, time.millis),
  } as const;
  const task: TaskFact = {
    ...base,
    kind: "task",
    taskId: `${id}@${row["timestamp"]}`,
    agent,
    startedAtMillis: durationMillis === undefined ? undefined : startedAtMillis,
    lastSeenAtMillis: time.millis,
    outcome: { result, origin: "reported", atMillis: time.millis },
  };
  const activity = [{ startMillis: startedAtMillis, endMillis: time.millis }];
  return {
    facts: [{ ...base, kind: "session", project: origin.project, activity }, task],
    samples: taskSamples({ id, agent, time, startedAtMillis }, tokens, files),
    skipped,
  };
}

interface TaskMoment {
  readonly id: string;
  readonly agent: string;
  readonly time: RowTime;
  readonly startedAtMillis: number;
}

function taskSamples(
  { id, agent, time, startedAtMillis }: TaskMoment,
  tokens: number | undefined,
  files: number | undefined,
): MoaiFlowSample[] {
  const place = hash53(joinKey(id));
  const sample = (metric: string, unit: string, value: number | undefined): MoaiFlowSample[] =>
    // The file's default for "not given" is 0, and a sum does not miss it.
    value === undefined || value === 0
      ? []
      : [agentSample({ metric, unit, kind: "delta", valueType: "int", agent, time, startedAtMillis, place, value })];
  return [
    ...sample("moai_flow.task.tokens", "{token}", tokens),
    ...sample("moai_flow.task.files_changed", "{file}", files),
  ];
}

function resultOf(value: SourceValue): TaskResult {
  return typeof value === "string" && Object.hasOwn(RESULTS, value) ? (RESULTS[value] ?? "unknown") : "unknown";
}

/** Reasons are shown and kept, so they take only words, never free text; a key has digits among its letters. */
function wordOf(value: SourceValue): string {
  return typeof value === "string" && value.length <= 30 && /^[a-z]+(?:[_-][a-z]+)*$/i.test(value)
    ? value
    : "(odd value)";
}

function skip(reason: string): MappedRow {
  return { facts: [], samples: [], skipped: [reason] };
}
