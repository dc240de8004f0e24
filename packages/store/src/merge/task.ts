/** What is known of a task, and how two states of knowledge merge. */
import {
  TASK_RESULTS,
  type TaskFact,
  type TaskKind,
  type TaskOutcome,
  type TaskReport,
  type TaskResult,
  WITNESS_RANK,
} from "@moai-metrics/model";
import { better, byNumber, byText, type Ranked, ranked } from "./ranked.ts";

/** A result with the moment at which it was observed. */
interface ResultSighting {
  readonly result: TaskResult;
  readonly atMillis: number;
  readonly errorType: string;
}

export interface TaskState {
  readonly sessionId: Ranked<string>;
  readonly parentTaskId: Ranked<string> | undefined;
  readonly kind: Ranked<TaskKind> | undefined;
  readonly agent: Ranked<string> | undefined;
  readonly startedAtMillis: number | undefined;
  readonly lastSeenAtMillis: number | undefined;
  readonly outcome: Ranked<ResultSighting> | undefined;
  readonly linesAdded: number | undefined;
  readonly linesRemoved: number | undefined;
  readonly report: Ranked<TaskReport> | undefined;
}

/** Added to the rank of a reported result, so that any report outranks every inference. */
export const REPORTED_BONUS = 64;

/** A task of which nothing is known but that it belongs to a session. */
export function emptyTask(rank: number, sessionId: string): TaskState {
  return {
    sessionId: { rank, value: sessionId },
    parentTaskId: undefined,
    kind: undefined,
    agent: undefined,
    startedAtMillis: undefined,
    lastSeenAtMillis: undefined,
    outcome: undefined,
    linesAdded: undefined,
    linesRemoved: undefined,
    report: undefined,
  };
}

export function taskStateOf(fact: TaskFact): TaskState {
  const rank = WITNESS_RANK[fact.witness];
  return {
    sessionId: { rank, value: fact.sessionId },
    parentTaskId: ranked(rank, fact.parentTaskId),
    kind: ranked(rank, fact.taskKind),
    agent: ranked(rank, fact.agent),
    startedAtMillis: fact.startedAtMillis,
    lastSeenAtMillis: greatest(greatest(fact.lastSeenAtMillis, fact.outcome?.atMillis), fact.startedAtMillis),
    outcome: fact.outcome === undefined ? undefined : rankedOutcome(rank, fact.outcome),
    linesAdded: fact.linesAdded,
    linesRemoved: fact.linesRemoved,
    report: ranked(rank, fact.report),
  };
}

/** Extents and lines grow with what any witness saw; everything else goes by rank. */
export function mergeTasks(a: TaskState, b: TaskState): TaskState {
  return withoutRefutedSilence({
    sessionId: better(a.sessionId, b.sessionId, byText) ?? a.sessionId,
    parentTaskId: better(a.parentTaskId, b.parentTaskId, byText),
    kind: better(a.kind, b.kind, byText),
    agent: better(a.agent, b.agent, byText),
    startedAtMillis: least(a.startedAtMillis, b.startedAtMillis),
    lastSeenAtMillis: greatest(a.lastSeenAtMillis, b.lastSeenAtMillis),
    outcome: better(a.outcome, b.outcome, byTimeThenResult),
    linesAdded: greatest(a.linesAdded, b.linesAdded),
    linesRemoved: greatest(a.linesRemoved, b.linesRemoved),
    report: better(a.report, b.report, byReport),
  });
}

/** A fact of the task, such as a call, is a sign of its life. @param sessionId the session that it is in then. */
export function extendTask(
  task: TaskState,
  startMillis: number,
  endMillis: number,
  sessionId: TaskState["sessionId"],
): TaskState {
  // Spelled out: this runs for every call, and a copy of an object takes several times as long.
  return withoutRefutedSilence({
    sessionId,
    parentTaskId: task.parentTaskId,
    kind: task.kind,
    agent: task.agent,
    startedAtMillis: least(task.startedAtMillis, startMillis),
    lastSeenAtMillis: greatest(task.lastSeenAtMillis, endMillis),
    outcome: task.outcome,
    linesAdded: task.linesAdded,
    linesRemoved: task.linesRemoved,
    report: task.report,
  });
}

/** A task that was given up as silent and then gave a sign of life is open again. */
function withoutRefutedSilence(task: TaskState): TaskState {
  const { outcome, lastSeenAtMillis = 0 } = task;
  const isRefuted = outcome?.rank === WITNESS_RANK.inferred && outcome.value.atMillis < lastSeenAtMillis;
  return isRefuted ? { ...task, outcome: undefined } : task;
}

function rankedOutcome(rank: number, outcome: TaskOutcome): Ranked<ResultSighting> {
  return {
    rank: outcome.origin === "reported" ? rank + REPORTED_BONUS : rank,
    value: { result: outcome.result, atMillis: outcome.atMillis, errorType: outcome.errorType ?? "" },
  };
}

function byTimeThenResult(a: ResultSighting, b: ResultSighting): number {
  return (
    byNumber(a.atMillis, b.atMillis) ||
    TASK_RESULTS.indexOf(a.result) - TASK_RESULTS.indexOf(b.result) ||
    byText(a.errorType, b.errorType)
  );
}

function byReport(a: TaskReport, b: TaskReport): number {
  return (
    (a.tokens ?? -1) - (b.tokens ?? -1) ||
    (a.durationMillis ?? -1) - (b.durationMillis ?? -1) ||
    byNumber(a.isRough ?? false, b.isRough ?? false) ||
    byNumber(a.knowsSession ?? false, b.knowsSession ?? false) ||
    byText(a.name ?? "", b.name ?? "")
  );
}

function greatest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
