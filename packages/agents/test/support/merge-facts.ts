/** A small merge by natural key, enough to compare two ways of reading the same transcripts. */
import {
  type ActivityInterval,
  compareTokens,
  type Fact,
  type FileChangeFact,
  type ModelCallFact,
  type SessionFact,
  TASK_RESULTS,
  type TaskFact,
  type ToolCallFact,
  WITNESS_RANK,
} from "@moai-metrics/model";

export interface MergedFacts {
  readonly sessions: Record<string, SessionFact>;
  readonly tasks: Record<string, TaskFact>;
  readonly modelCalls: Record<string, ModelCallFact>;
  readonly toolCalls: Record<string, ToolCallFact>;
  readonly fileChanges: Record<string, FileChangeFact>;
}

export function mergeFacts(facts: readonly Fact[]): MergedFacts {
  const sessions = Object.groupBy(
    facts.filter((fact) => fact.kind === "session"),
    (fact) => fact.sessionId,
  );
  const tasks = Object.groupBy(
    facts.filter((fact) => fact.kind === "task"),
    (fact) => fact.taskId,
  );
  const merged: MergedFacts = {
    sessions: mapValues(sessions, mergeSessions),
    tasks: mapValues(tasks, mergeTasks),
    modelCalls: {},
    toolCalls: {},
    fileChanges: {},
  };
  for (const fact of facts) {
    if (fact.kind === "session" || fact.kind === "task") continue;
    if (fact.kind === "model_call") {
      add(merged.modelCalls, fact.responseId ?? fact.requestId ?? "", fact, mergeModelCalls);
    } else if (fact.kind === "tool_call") add(merged.toolCalls, fact.callId, fact, mergeToolCalls);
    else if (fact.kind === "file_change")
      add(merged.fileChanges, `${fact.taskId} ${fact.change} ${fact.path}`, fact, (a, b) => earlier(a, b));
  }
  return merged;
}

function add<F extends Fact>(into: Record<string, F>, key: string, fact: F, merge: (a: F, b: F) => F): void {
  const known = into[key];
  into[key] = known === undefined ? fact : merge(known, fact);
}

function earlier(a: FileChangeFact, b: FileChangeFact): FileChangeFact {
  return a.atMillis <= b.atMillis ? a : b;
}

function mapValues<F, R>(groups: Partial<Record<string, F[]>>, merge: (facts: F[]) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(groups).map(([key, facts]) => [key, merge(facts ?? [])]));
}

/** The value of the highest rank; of equal rank the greatest. */
function best<F extends Fact, T extends string>(facts: readonly F[], fieldOf: (fact: F) => T | undefined) {
  const known = facts.filter((fact) => fieldOf(fact) !== undefined);
  const rank = Math.max(0, ...known.map((fact) => WITNESS_RANK[fact.witness]));
  return known
    .filter((fact) => WITNESS_RANK[fact.witness] === rank)
    .map(fieldOf)
    .reduce(greater, undefined);
}

function lastActive(fact: SessionFact): number {
  return Math.max(...fact.activity.map((interval) => interval.endMillis));
}

function mergeSessions(facts: readonly SessionFact[]): SessionFact {
  const byTime = facts.toSorted(
    (a, b) => WITNESS_RANK[a.witness] - WITNESS_RANK[b.witness] || lastActive(a) - lastActive(b),
  );
  return {
    kind: "session",
    witness: "transcript",
    product: facts[0]?.product ?? "",
    sessionId: facts[0]?.sessionId ?? "",
    project: best(facts, (fact) => fact.project),
    branch: byTime.findLast((fact) => fact.branch !== undefined)?.branch,
    version: best(facts, (fact) => fact.version),
    activity: joinActivity(facts.flatMap((fact) => fact.activity)),
  };
}

function joinActivity(intervals: readonly ActivityInterval[]): ActivityInterval[] {
  const joined: ActivityInterval[] = [];
  for (const interval of intervals.toSorted((a, b) => a.startMillis - b.startMillis)) {
    const last = joined.at(-1);
    if (last === undefined || interval.startMillis - last.endMillis > 600_000) joined.push(interval);
    else joined[joined.length - 1] = { ...last, endMillis: Math.max(last.endMillis, interval.endMillis) };
  }
  return joined;
}

function mergeTasks(facts: readonly TaskFact[]): TaskFact {
  return {
    kind: "task",
    witness: "transcript",
    product: facts[0]?.product ?? "",
    sessionId: best(facts, (fact) => fact.sessionId) ?? "",
    taskId: facts[0]?.taskId ?? "",
    taskKind: best(facts, (fact) => fact.taskKind),
    agent: best(facts, (fact) => fact.agent),
    parentTaskId: best(facts, (fact) => fact.parentTaskId),
    startedAtMillis: facts.map((fact) => fact.startedAtMillis).reduce(least, undefined),
    lastSeenAtMillis: facts.map((fact) => fact.lastSeenAtMillis).reduce(greater, undefined),
    outcome: facts.toSorted(byOutcome).at(-1)?.outcome,
  };
}

function byOutcome(a: TaskFact, b: TaskFact): number {
  const rank = ({ outcome }: TaskFact) => (outcome === undefined ? 0 : outcome.origin === "reported" ? 2 : 1);
  return (
    rank(a) - rank(b) ||
    (a.outcome?.atMillis ?? 0) - (b.outcome?.atMillis ?? 0) ||
    TASK_RESULTS.indexOf(a.outcome?.result ?? "success") - TASK_RESULTS.indexOf(b.outcome?.result ?? "success")
  );
}

function mergeModelCalls(a: ModelCallFact, b: ModelCallFact): ModelCallFact {
  const rank = WITNESS_RANK[a.witness] - WITNESS_RANK[b.witness];
  if (a.requestId !== b.requestId && a.isReplay !== b.isReplay) return a.isReplay ? b : a;
  if (rank !== 0) return rank > 0 ? a : b;
  const isGreater = a.usage === undefined || b.usage === undefined || compareTokens(a.usage, b.usage) >= 0;
  return { ...(isGreater ? a : b), endedAtMillis: Math.max(a.endedAtMillis, b.endedAtMillis) };
}

function mergeToolCalls(a: ToolCallFact, b: ToolCallFact): ToolCallFact {
  const [low, high] = WITNESS_RANK[a.witness] <= WITNESS_RANK[b.witness] ? [a, b] : [b, a];
  const known = Object.entries(high).filter(([, value]) => value !== undefined);
  return { ...low, ...Object.fromEntries(known) };
}

function greater<T extends string | number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a >= b ? a : b;
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
