/** Gathers the facts of one chunk, with what belongs together already joined. */
import {
  type ActivityInterval,
  compareTokens,
  type Fact,
  type FileChangeFact,
  type ModelCallFact,
  type SessionFact,
  type TaskFact,
  type TaskKind,
  type TaskOutcome,
  type ToolCallFact,
} from "@moai-metrics/model";
import { laterOutcome } from "./outcomes.ts";
import { PRODUCT } from "./product.ts";

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

/** Creates a {@link FactCollector}. */
export function createFactCollector(): FactCollector {
  let sessions = new Map<string, SessionDraft>();
  let lastSession: SessionDraft | undefined;
  let tasks = new Map<string, TaskDraft>();
  let calls = new Map<string, ModelCallFact>();
  /** Calls whose key another one has, under another request or in another place: the ledger knows what they are. */
  let otherCalls: ModelCallFact[] = [];
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

  const addTask = (sighting: TaskSighting): void => {
    const { taskId, sessionId, taskKind, atMillis, outcome } = sighting;
    let draft = tasks.get(taskId);
    if (draft === undefined) {
      draft = { kind: "task", witness: "transcript", product: PRODUCT, sessionId, taskId, taskKind };
      tasks.set(taskId, draft);
    }
    draft.agent = sighting.agent ?? draft.agent;
    draft.parentTaskId = sighting.parentTaskId ?? draft.parentTaskId;
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
    else otherCalls.push(call);
  };

  const take = (): Fact[] => {
    const facts: Fact[] = [];
    for (const draft of sessions.values()) facts.push(sessionFact(draft));
    facts.push(...tasks.values(), ...calls.values(), ...otherCalls, ...toolCalls, ...changes.values());
    sessions = new Map();
    lastSession = undefined;
    tasks = new Map();
    calls = new Map();
    otherCalls = [];
    changes = new Map();
    toolCalls = [];
    return facts;
  };

  return {
    get size() {
      return sessions.size + tasks.size + calls.size + otherCalls.length + toolCalls.length + changes.size;
    },
    addSession,
    addTask,
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

function isSameReply(a: ModelCallFact, b: ModelCallFact): boolean {
  return (
    a.requestId === b.requestId &&
    a.sessionId === b.sessionId &&
    a.taskId === b.taskId &&
    a.isReplay === b.isReplay &&
    a.errorType === b.errorType
  );
}

/** Lines of the same reply, one for each of its blocks: the greater usage, the later moment. */
function mergeBlocks(a: ModelCallFact, b: ModelCallFact): ModelCallFact {
  const greater = isGreaterUsage(b, a) ? b : a;
  return { ...greater, endedAtMillis: Math.max(a.endedAtMillis, b.endedAtMillis) };
}

function isGreaterUsage(a: ModelCallFact, b: ModelCallFact): boolean {
  if (a.usage === undefined || b.usage === undefined) return a.usage !== undefined;
  const difference = compareTokens(a.usage, b.usage);
  return difference === 0 ? b.speed === undefined : difference > 0;
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

function sessionFact({ sessionId, project, branch, version, activity }: SessionDraft): SessionFact {
  const intervals: readonly ActivityInterval[] = activity;
  return {
    kind: "session",
    witness: "transcript",
    product: PRODUCT,
    sessionId,
    project,
    branch,
    version,
    activity: intervals,
  };
}
