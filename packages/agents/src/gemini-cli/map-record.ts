/** Maps the lines of one chat to facts. */
import { hash53, MAIN_AGENT, normalizeTokens, type TaskOutcome, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { FactCollector } from "../transcript/fact-collector.ts";
import { pathInProject } from "../transcript/path-in-project.ts";
import { PRODUCT } from "./product.ts";
import type { ReadingState } from "./reading-state.ts";
import type { ChatRecord, GeminiRecord, GeminiToolCall, MessageRecord } from "./record.ts";
import { geminiUsageKey } from "./usage-key.ts";

/** What mapping needs beside the records. */
export interface MapperOptions {
  /** The session that the chat of a subagent belongs to. */
  readonly parentSessionId: string | undefined;
  readonly project: string | undefined;
  readonly state: ReadingState;
  readonly facts: FactCollector;
  /** Counts something that gives no fact. */
  readonly skip: (reason: string) => void;
}

/** Maps records in the order of the chat. */
export interface RecordMapper {
  map(record: GeminiRecord): void;
}

/** Where a message belongs. */
interface Place {
  readonly sessionId: string;
  readonly taskId: string | undefined;
}

/** Creates a mapper; `state` and `facts` change as it maps. */
export function createRecordMapper({ parentSessionId, project, state, facts, skip }: MapperOptions): RecordMapper {
  const beginChat = ({ sessionId, isSubagent, messages }: ChatRecord): void => {
    state.agentId = isSubagent || parentSessionId !== undefined ? sessionId : undefined;
    state.sessionId = parentSessionId ?? sessionId;
    for (const message of messages) mapMessage(message);
  };

  const addTask = ({ sessionId, taskId }: Place, atMillis: number, outcome?: TaskOutcome): void => {
    if (taskId === undefined) return;
    const isSubagent = state.agentId !== undefined;
    facts.addTask({
      taskId,
      sessionId,
      taskKind: isSubagent ? "subagent" : "prompt",
      agent: isSubagent ? undefined : MAIN_AGENT,
      atMillis,
      outcome,
    });
  };

  /** A prompt begins a turn of the main agent; whatever else a chat of a subagent tells is its run. */
  const placeOf = (message: MessageRecord, sessionId: string): Place => {
    if (state.agentId !== undefined) return { sessionId, taskId: `agent:${state.agentId}` };
    const hash = hash53(message.id);
    if (message.isPrompt && !state.prompts.has(hash)) {
      state.prompts.add(hash);
      state.turn = { taskId: `prompt:${message.id}` };
    }
    return { sessionId, taskId: state.turn?.taskId };
  };

  const mapMessage = (message: MessageRecord): void => {
    const { sessionId } = state;
    if (sessionId === undefined) {
      skip("message before the head of its chat");
      return;
    }
    const { atMillis, role } = message;
    facts.addSession({ sessionId, project, branch: undefined, version: undefined, atMillis });
    const place = placeOf(message, sessionId);
    if (role === "gemini") mapReply(message, place);
    else if (role === "error")
      addTask(place, atMillis, { result: "failure", origin: "inferred", atMillis, errorType: "error" });
    else addTask(place, atMillis);
  };

  const mapReply = (message: MessageRecord, place: Place): void => {
    const { atMillis, toolCalls, hasText } = message;
    const isAnswer = toolCalls.length === 0 && hasText;
    addTask(place, atMillis, isAnswer ? { result: "success", origin: "inferred", atMillis } : undefined);
    addModelCall(message, place);
    for (const call of toolCalls) addToolCall(call, message, place);
  };

  const addModelCall = ({ id, atMillis, model, tokens }: MessageRecord, { sessionId, taskId }: Place): void => {
    if (tokens === undefined) return;
    const requestId = geminiUsageKey(state.keys, id, state.agentId ?? sessionId, model, tokens);
    facts.addModelCall({
      kind: "model_call",
      witness: "transcript",
      product: PRODUCT,
      sessionId,
      taskId,
      requestId,
      responseId: id,
      endedAtMillis: atMillis,
      model,
      usage: normalizeTokens(tokens, TOKEN_CONVENTIONS.google),
    });
  };

  const addToolCall = (call: GeminiToolCall, { atMillis }: MessageRecord, { sessionId, taskId }: Place): void => {
    const { id, tool, endedAtMillis, errorType, linesAdded, linesRemoved, agentId, file } = call;
    facts.addToolCall({
      kind: "tool_call",
      witness: "transcript",
      product: PRODUCT,
      sessionId,
      taskId,
      callId: id,
      tool,
      startedAtMillis: atMillis,
      endedAtMillis: endedAtMillis === undefined ? undefined : Math.max(atMillis, endedAtMillis),
      isSuccess: endedAtMillis === undefined ? undefined : errorType === undefined,
      errorType,
      linesAdded,
      linesRemoved,
    });
    if (agentId !== undefined) addSubagent(call, agentId, sessionId, taskId);
    if (file === undefined) return;
    if (taskId === undefined) {
      skip("file change without a task");
      return;
    }
    facts.addFileChange({
      kind: "file_change",
      witness: "transcript",
      product: PRODUCT,
      sessionId,
      taskId,
      path: pathInProject(file.path, project),
      change: file.change,
      atMillis: endedAtMillis ?? atMillis,
    });
  };

  /** What the chat that started a subagent knows of its run. */
  const addSubagent = (
    { agent, endedAtMillis, errorType }: GeminiToolCall,
    agentId: string,
    sessionId: string,
    parentTaskId: string | undefined,
  ): void => {
    const outcome: TaskOutcome | undefined =
      endedAtMillis === undefined
        ? undefined
        : {
            result: errorType === undefined ? "success" : errorType === "cancelled" ? "cancelled" : "failure",
            origin: "reported",
            atMillis: endedAtMillis,
            errorType,
          };
    facts.addTask({ taskId: `agent:${agentId}`, sessionId, taskKind: "subagent", agent, parentTaskId, outcome });
  };

  return {
    map: (record) => {
      if (record.kind === "chat") beginChat(record);
      else if (record.kind === "message") mapMessage(record);
      else if (record.kind === "update") for (const message of record.messages) mapMessage(message);
      // What was rewound was answered and paid for: it stays.
    },
  };
}
