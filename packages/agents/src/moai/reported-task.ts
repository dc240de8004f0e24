/** A task as somebody reported it from outside: a hook behind it, or a line of a log. */
import {
  createZoneCalendar,
  FACT_LIMITS,
  type Fact,
  hash53,
  type TaskKind,
  type TaskResult,
  type Witness,
} from "@moai-metrics/model";
import { PRODUCT } from "./product.ts";

/** What is known of it. */
export interface ReportedTask {
  /** Unique: the same report told again is the same task. */
  readonly id: string;
  /** The session of an agent that it ran in; undefined where only the project is known. */
  readonly session: { readonly product: string; readonly sessionId: string } | undefined;
  readonly project: string | undefined;
  readonly atMillis: number;
  readonly kind: TaskKind;
  readonly name?: string | undefined;
  readonly agent?: string | undefined;
  readonly result: TaskResult;
  /** Default: reported. */
  readonly origin?: "reported" | "inferred" | undefined;
  /** The tokens are known to be counted more than once. */
  readonly isRough?: boolean | undefined;
  readonly tokens?: number | undefined;
  readonly durationMillis?: number | undefined;
}

const UTC = createZoneCalendar("UTC");

/**
 * The facts. A task of no known session goes into one of its project and day. What is known of the session itself is of
 * the lowest rank: a hook may run in another folder than its agent.
 */
export function reportedTaskFacts(task: ReportedTask, witness: Witness): Fact[] {
  const { id, session, project, atMillis, result } = task;
  const { product, sessionId } = session ?? { product: PRODUCT, sessionId: sessionOfDay(project, atMillis) };
  const tokens = within(task.tokens, FACT_LIMITS.count);
  const durationMillis = within(task.durationMillis, Math.min(FACT_LIMITS.durationMillis, atMillis));
  return [
    {
      kind: "session",
      witness: session === undefined ? witness : "inferred",
      product,
      sessionId,
      project,
      activity: [{ startMillis: atMillis, endMillis: atMillis }],
    },
    {
      kind: "task",
      witness,
      product,
      sessionId,
      taskId: id,
      taskKind: task.kind,
      agent: task.agent,
      lastSeenAtMillis: atMillis,
      outcome: { result, origin: task.origin ?? "reported", atMillis },
      report: { name: task.name, tokens, durationMillis, knowsSession: session !== undefined, isRough: task.isRough },
    },
  ];
}

function sessionOfDay(project: string | undefined, atMillis: number): string {
  const date = UTC.dateOf(atMillis);
  return project === undefined ? `hook-${date}` : `hook-${date}-${hash53(project).toString(36)}`;
}

function within(value: number | undefined, max: number): number | undefined {
  return value === undefined || value > max ? undefined : value;
}
