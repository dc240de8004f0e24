/** Maps the lines of one rollout to facts. */
import { MAIN_AGENT, type TaskOutcome } from "@moai-metrics/model";
import type { LineRange } from "../transcript/read-transcript.ts";
import { createCallMapper } from "./map-model-call.ts";
import { createToolMapper } from "./map-tools.ts";
import type { MapperOptions } from "./mapping.ts";
import type { Thread } from "./reading-state.ts";
import type { CodexRecord, ThreadRecord } from "./record.ts";

/** Maps records in the order of the rollout. */
export interface RecordMapper {
  map(record: CodexRecord, line: LineRange): void;
  /** Hands out the tool calls that have no result yet, once each. */
  announceOpenTools(): void;
}

/** Within this time after its first line, a rollout without numbers tells the history that it was begun with. */
const HISTORY_MILLIS = 1_000;

/** Creates a mapper; `state` and `facts` change as it maps. */
export function createRecordMapper(options: MapperOptions): RecordMapper {
  const { state, facts, skip } = options;
  const calls = createCallMapper(options);
  const tools = createToolMapper(options);

  const addSession = ({ sessionId, project, branch, version }: Thread, atMillis: number): void =>
    facts.addSession({ sessionId, project, branch, version, atMillis });

  /** The task at work: the thread of a subagent, or the turn of the user. */
  const taskIdOf = (thread: Thread): string | undefined =>
    thread.isSubagent ? `thread:${thread.threadId}` : state.turn?.taskId;

  const addTask = (thread: Thread, atMillis: number, outcome?: TaskOutcome, parentTaskId?: string): void => {
    const taskId = taskIdOf(thread);
    if (taskId === undefined) return;
    const { sessionId, isSubagent, agent } = thread;
    facts.addTask({
      taskId,
      sessionId,
      taskKind: isSubagent ? "subagent" : "prompt",
      agent: isSubagent ? agent : MAIN_AGENT,
      parentTaskId,
      atMillis,
      outcome,
    });
  };

  const beginTurn = (thread: Thread, turnId: string | undefined): void => {
    if (turnId !== undefined && state.turn?.taskId === `turn:${turnId}`) return;
    if (turnId === undefined) state.namelessTurns += 1;
    const taskId = `turn:${turnId ?? `${thread.threadId}#${state.namelessTurns}`}`;
    state.turn = { taskId, hasFailed: false };
  };

  const endTurn = (thread: Thread, outcome: TaskOutcome): void => {
    addTask(thread, outcome.atMillis, outcome);
    if (!thread.isSubagent) state.turn = undefined;
  };

  const outcomeOfTurn = ({ atMillis, errorType }: Extract<CodexRecord, { kind: "turnCompleted" }>): TaskOutcome => {
    if (errorType !== undefined) return { result: "failure", origin: "reported", atMillis, errorType };
    return state.turn?.hasFailed
      ? { result: "failure", origin: "inferred", atMillis, errorType: state.turn.errorType }
      : { result: "success", origin: "reported", atMillis };
  };

  const beginThread = (record: ThreadRecord): void => {
    // A thread that was begun with another's history repeats the other's first line behind its own.
    if (state.thread !== undefined) return;
    const { kind: _kind, ordinal: _ordinal, atMillis, ...thread } = record;
    state.thread = { ...thread, startedAtMillis: atMillis };
    addSession(state.thread, atMillis);
  };

  const isHistory = (thread: Thread, { atMillis, ordinal }: CodexRecord): boolean => {
    if (!thread.hasHistory) return false;
    if (thread.ownFromOrdinal !== undefined && ordinal !== undefined) return ordinal < thread.ownFromOrdinal;
    return atMillis - thread.startedAtMillis < HISTORY_MILLIS;
  };

  const mapHistory = (record: CodexRecord): void => {
    if (record.kind === "total") state.total = record.total;
    else if (record.kind === "turnContext") state.model = record.model ?? state.model;
    skip("history of another thread");
  };

  const mapOwn = (thread: Thread, record: CodexRecord, line: LineRange): void => {
    const { atMillis } = record;
    addSession(thread, atMillis);
    switch (record.kind) {
      case "turnContext":
        state.model = record.model ?? state.model;
        if (record.turnId !== undefined) beginTurn(thread, record.turnId);
        addTask(thread, atMillis);
        break;
      case "turnStarted": {
        beginTurn(thread, record.turnId);
        const { parentTurnId } = record;
        const parentTaskId = thread.isSubagent && parentTurnId !== undefined ? `turn:${parentTurnId}` : undefined;
        addTask(thread, atMillis, undefined, parentTaskId);
        break;
      }
      case "userMessage":
        // Newer versions announce a turn before its message.
        if (state.turn === undefined) beginTurn(thread, undefined);
        addTask(thread, atMillis);
        break;
      case "turnCompleted":
        endTurn(thread, outcomeOfTurn(record));
        break;
      case "turnAborted":
        endTurn(thread, { result: "cancelled", origin: "reported", atMillis });
        break;
      case "error": {
        const { errorType } = record;
        if (state.turn !== undefined) state.turn = { ...state.turn, hasFailed: true, errorType };
        addTask(thread, atMillis, { result: "failure", origin: "inferred", atMillis, errorType });
        break;
      }
      case "response":
      case "total":
        addTask(thread, atMillis);
        calls.map(record, thread, taskIdOf(thread));
        break;
      case "toolStarted":
      case "toolEnded":
      case "filesChanged":
        addTask(thread, atMillis);
        tools.map(record, thread, taskIdOf(thread), line);
        break;
      default:
        addTask(thread, atMillis);
    }
  };

  const map = (record: CodexRecord, line: LineRange): void => {
    if (record.kind === "thread") beginThread(record);
    const { thread } = state;
    if (thread === undefined) skip("line before the first of its thread");
    else if (record.kind !== "thread") {
      if (isHistory(thread, record)) mapHistory(record);
      else mapOwn(thread, record, line);
    }
  };

  return {
    map,
    announceOpenTools: () => {
      if (state.thread !== undefined) tools.announce(state.thread);
    },
  };
}
