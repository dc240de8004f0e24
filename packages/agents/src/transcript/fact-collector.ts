/** Gathers the facts of one chunk, with what belongs together already joined. */
import {
  type ActivityInterval,
  compareTokens,
  FACT_LIMITS,
  type Fact,
  type FileChangeFact,
  type ModelCallFact,
  quarterHourOf,
  type SessionFact,
  type TaskFact,
  type TaskKind,
  type TaskOutcome,
  TOKEN_PARTS,
  type ToolCallFact,
  type Witness,
} from "@moai-metrics/model";
import { laterOutcome } from "./later-outcome.ts";

/** Events of a session that lie closer than this are one interval of activity. */
const MAX_ACTIVE_GAP_MILLIS = 600_000;

/** What a line says about its session. */
interface SessionSighting {
  readonly sessionId: string;
  readonly project: string | undefined;
  readonly branch: string | undefined;
  readonly version: string | undefined;
  readonly atMillis: number;
}

/** What a line says about a task. */
interface TaskSighting {
  readonly taskId: string;
  readonly sessionId: string;
  readonly taskKind: TaskKind;
  readonly agent?: string | undefined;
  readonly parentTaskId?: string | undefined;
  /** The task was seen at work at this moment. */
  readonly atMillis?: number | undefined;
  readonly outcome?: TaskOutcome | undefined;
}

/** Facts of one chunk. */
export interface FactCollector {
  /** Facts gathered so far. */
  readonly size: number;
  addSession(sighting: SessionSighting): void;
  addTask(sighting: TaskSighting): void;
  /** What a line says in passing of a task: it yields to what {@link addTask} was told, in whichever read. */
  addTaskHint(sighting: TaskSighting): void;
  addModelCall(call: ModelCallFact): void;
  addToolCall(call: ToolCallFact): void;
  addFileChange(change: FileChangeFact): void;
  /** Hands the facts out and begins anew. */
  take(): Fact[];
}

interface SessionDraft extends SessionSighting {
  project: string | undefined;
  readonly activity: { startMillis: number; endMillis: number }[];
}

type TaskDraft = { -readonly [Name in keyof TaskFact]: TaskFact[Name] };

/**
 * Creates a {@link FactCollector}. It joins by the rules of the ledger and never joins what the ledger would keep
 * apart, so that it does not matter where a chunk ends.
 *
 * @param product of all facts.
 * @param sessionWitness of what is said of sessions.
 */
export function createFactCollector(product: string, sessionWitness: Witness): FactCollector {
  let sessions = new Map<string, SessionDraft>();
  let lastSession: SessionDraft | undefined;
  let tasks = new Map<string, TaskDraft>();
  let taskHints = new Map<string, TaskDraft>();
  let calls = new Map<string, ModelCallFact>();
  /** Calls whose key a later one has, under another request, place or time: the ledger knows what they are. */
  let earlierCalls: ModelCallFact[] = [];
  let changes = new Map<string, FileChangeFact>();
  let toolCalls: ToolCallFact[] = [];

  const sessionDraft = (sighting: SessionSighting): SessionDraft => {
    const last = lastSession;
    if (
      last !== undefined &&
      last.sessionId === sighting.sessionId &&
      last.branch === sighting.branch &&
      last.version === sighting.version
    ) {
      return last;
    }
    // The ledger takes the branch of the fact with the latest activity: each branch is a fact of its own.
    const key = JSON.stringify([sighting.sessionId, sighting.branch, sighting.version]);
    let draft = sessions.get(key);
    if (draft === undefined) {
      draft = { ...sighting, activity: [] };
      sessions.set(key, draft);
    }
    lastSession = draft;
    return draft;
  };

  const addSession = (sighting: SessionSighting): void => {
    const draft = sessionDraft(sighting);
    draft.project ??= sighting.project;
    extendActivity(draft.activity, sighting.atMillis);
  };

  const addTaskOf = (drafts: Map<string, TaskDraft>, witness: Witness, sighting: TaskSighting): void => {
    const { taskId, sessionId, taskKind, atMillis, outcome } = sighting;
    let draft = drafts.get(taskId);
    if (draft === undefined) {
      draft = { kind: "task", witness, product, sessionId, taskId, taskKind };
      drafts.set(taskId, draft);
    }
    if (sessionId > draft.sessionId) draft.sessionId = sessionId;
    draft.agent = greaterText(draft.agent, sighting.agent);
    draft.parentTaskId = greaterText(draft.parentTaskId, sighting.parentTaskId);
    if (atMillis !== undefined) {
      draft.startedAtMillis = Math.min(draft.startedAtMillis ?? atMillis, atMillis);
      draft.lastSeenAtMillis = Math.max(draft.lastSeenAtMillis ?? atMillis, atMillis);
    }
    if (outcome !== undefined) draft.outcome = laterOutcome(draft.outcome, outcome);
  };

  const addModelCall = (call: ModelCallFact): void => {
    const key = call.responseId ?? call.requestId ?? "";
    const known = calls.get(key);
    if (known === undefined) calls.set(key, call);
    else if (isSameReply(known, call)) calls.set(key, mergeBlocks(known, call));
    else {
      earlierCalls.push(known);
      calls.set(key, call);
    }
  };

  const take = (): Fact[] => {
    const facts: Fact[] = [];
    for (const draft of sessions.values()) facts.push(sessionFact(draft, product, sessionWitness));
    for (const gathered of [tasks.values(), taskHints.values(), earlierCalls, calls.values(), toolCalls]) {
      for (const fact of gathered) facts.push(fact);
    }
    for (const change of changes.values()) facts.push(change);
    sessions = new Map();
    lastSession = undefined;
    tasks = new Map();
    taskHints = new Map();
    calls = new Map();
    earlierCalls = [];
    changes = new Map();
    toolCalls = [];
    return facts;
  };

  return {
    get size() {
      const drafts = sessions.size + tasks.size + taskHints.size;
      return drafts + calls.size + earlierCalls.length + toolCalls.length + changes.size;
    },
    addSession,
    addTask: (sighting) => addTaskOf(tasks, "transcript", sighting),
    addTaskHint: (sighting) => addTaskOf(taskHints, "transcriptSidechain", sighting),
    addModelCall,
    addToolCall: (call) => {
      toolCalls.push(call);
    },
    addFileChange: (change) => {
      const key = JSON.stringify([change.taskId, change.path, change.change]);
      if (!changes.has(key)) changes.set(key, change);
    },
    take,
  };
}

/**
 * Within one quarter hour equal ids surely mean one reply. Whether they do across its edge depends on what else the
 * ledger holds. A count that the ledger refuses must not spoil the blocks that it takes.
 */
function isSameReply(a: ModelCallFact, b: ModelCallFact): boolean {
  return (
    a.requestId === b.requestId &&
    a.responseId === b.responseId &&
    a.sessionId === b.sessionId &&
    a.taskId === b.taskId &&
    a.isReplay === b.isReplay &&
    a.errorType === b.errorType &&
    quarterHourOf(a.endedAtMillis) === quarterHourOf(b.endedAtMillis) &&
    hasPossibleUsage(a) &&
    hasPossibleUsage(b)
  );
}

function hasPossibleUsage({ usage }: ModelCallFact): boolean {
  return usage === undefined || TOKEN_PARTS.every((part) => usage[part] <= FACT_LIMITS.count);
}

/** Lines of the same reply, one for each of its blocks: the greater usage, the later moment, as in the ledger. */
function mergeBlocks(a: ModelCallFact, b: ModelCallFact): ModelCallFact {
  const greater = compareUsage(a, b) >= 0 ? a : b;
  const endedAtMillis = Math.max(a.endedAtMillis, b.endedAtMillis);
  return { ...greater, model: greaterText(a.model, b.model), endedAtMillis };
}

function compareUsage(a: ModelCallFact, b: ModelCallFact): number {
  if (a.usage === undefined || b.usage === undefined)
    return Number(a.usage !== undefined) - Number(b.usage !== undefined);
  return (
    compareTokens(a.usage, b.usage) ||
    Number(a.speed === "fast") - Number(b.speed === "fast") ||
    (a.webSearches ?? 0) - (b.webSearches ?? 0)
  );
}

function greaterText(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a >= b ? a : b;
}

function extendActivity(activity: { startMillis: number; endMillis: number }[], atMillis: number): void {
  const last = activity.at(-1);
  if (
    last !== undefined &&
    atMillis >= last.startMillis - MAX_ACTIVE_GAP_MILLIS &&
    atMillis <= last.endMillis + MAX_ACTIVE_GAP_MILLIS
  ) {
    last.startMillis = Math.min(last.startMillis, atMillis);
    last.endMillis = Math.max(last.endMillis, atMillis);
  } else {
    activity.push({ startMillis: atMillis, endMillis: atMillis });
  }
}

function sessionFact(draft: SessionDraft, product: string, witness: Witness): SessionFact {
  const { sessionId, project, branch, version, activity } = draft;
  const intervals: readonly ActivityInterval[] = activity;
  return {
    kind: "session",
    witness,
    product,
    sessionId,
    project,
    branch,
    version,
    activity: intervals,
  };
}
