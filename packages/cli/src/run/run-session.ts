/** What a run itself tells the ledger, beside what its program told. Pure. */
import { constants } from "node:os";
import { type Fact, MAIN_AGENT, type TaskOutcome } from "@moai-metrics/model";
import type { ProgramEnd } from "./run-child.ts";

/** A run from outside. */
export interface ObservedRun {
  readonly product: string;
  readonly runId: string;
  /** The folder in which it ran. */
  readonly project: string;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
  readonly end: ProgramEnd;
}

/** A task that had not ended when its process did. */
export interface OpenTask {
  readonly product: string;
  readonly sessionId: string;
  readonly taskId: string;
}

/** A run of which nobody told anything: a session with one task. */
export function sessionOfRun(run: ObservedRun): readonly Fact[] {
  const { product, runId, project, startedAtMillis, endedAtMillis } = run;
  const base = { witness: "process", product, sessionId: runId } as const;
  const activity = [startedAtMillis, endedAtMillis].map((millis) => ({ startMillis: millis, endMillis: millis }));
  return [
    { ...base, kind: "session", project, activity, hasEnded: true },
    {
      ...base,
      kind: "task",
      taskId: `run:${runId}`,
      taskKind: "sdk",
      agent: MAIN_AGENT,
      startedAtMillis,
      lastSeenAtMillis: endedAtMillis,
      outcome: { ...outcomeOf(run.end), origin: "reported", atMillis: endedAtMillis },
    },
  ];
}

/** Where sessions worked that did not say so: in the folder of their run, unless a better witness knows another one. */
export function placesOfSessions(
  sessions: readonly { readonly product: string; readonly sessionId: string }[],
  { project }: ObservedRun,
): readonly Fact[] {
  return sessions.map(({ product, sessionId }) => ({
    kind: "session",
    witness: "inferred",
    product,
    sessionId,
    project,
    activity: [],
  }));
}

/**
 * How tasks ended that were open when their process failed or was killed. After a normal end nothing is concluded: a
 * session may go on in the background.
 */
export function endsOfOpenTasks(tasks: readonly OpenTask[], { end, endedAtMillis }: ObservedRun): readonly Fact[] {
  const outcome = outcomeOf(end);
  if (outcome.result === "success") return [];
  return tasks.map((task) => ({
    ...task,
    kind: "task",
    witness: "inferred",
    lastSeenAtMillis: endedAtMillis,
    outcome: { ...outcome, origin: "inferred", atMillis: endedAtMillis },
  }));
}

/** Ctrl-C is the user's word; every other bad end is a failure, of the class that a shell shows. */
function outcomeOf(end: ProgramEnd): Pick<TaskOutcome, "result" | "errorType"> {
  if (end.kind === "not_started") return { result: "failure", errorType: end.code };
  const isInterrupted =
    end.kind === "killed" ? end.signal === "SIGINT" : end.exitCode === 128 + constants.signals.SIGINT;
  if (isInterrupted) return { result: "cancelled" };
  if (end.kind === "killed") return { result: "failure", errorType: end.signal };
  return end.exitCode === 0 ? { result: "success" } : { result: "failure", errorType: `exit_${end.exitCode}` };
}
