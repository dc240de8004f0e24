/** Tool calls: a `tool_use` block begins one, the `tool_result` block of the same id ends it. */
import { type FileChange, quarterHourOf, type TaskOutcome } from "@moai-metrics/model";
import { pathInProject } from "../transcript/path-in-project.ts";
import type { LineRange } from "../transcript/read-transcript.ts";
import type { LineChange } from "./line-diff.ts";
import type { MapperOptions, Sighting } from "./mapping.ts";
import { PRODUCT } from "./product.ts";
import { endTool, hasToolEnded, type OpenTool, rememberOpenTool } from "./reading-state.ts";
import type { ToolResult, ToolUse } from "./record.ts";
import { hasWantedInput, isAgentTool, isFileTool, readToolInput, type ToolInput } from "./tool-input.ts";
import { TEXT_BEGINNING_BYTES, toolErrorType } from "./user-text.ts";

/** Maps tool calls. */
export interface ToolMapper {
  open(sighting: Sighting, toolUse: ToolUse, line: LineRange): void;
  /** Ranges in the result point into `buffer`. */
  close(sighting: Sighting, result: ToolResult, buffer: Buffer): void;
  announce(): void;
}

/** What a tool did to a file. */
interface FileEffect {
  readonly path: string | undefined;
  readonly change: FileChange;
  readonly lines: LineChange | undefined;
}

/** Creates a {@link ToolMapper}. */
export function createToolMapper({ state, facts, lines, skip }: MapperOptions): ToolMapper {
  /** Hands a call out as running, once. */
  const announceCall = (call: OpenTool): void => {
    if (call.isAnnounced) return;
    call.isAnnounced = true;
    facts.addToolCall({
      kind: "tool_call",
      witness: call.isSidechain ? "transcriptSidechain" : "transcript",
      product: PRODUCT,
      sessionId: call.sessionId,
      taskId: call.taskId,
      callId: call.callId,
      tool: call.tool,
      startedAtMillis: call.startedAtMillis,
    });
  };

  const open = (sighting: Sighting, { id, name }: ToolUse, line: LineRange): void => {
    const { record, atMillis, sessionId, taskId } = sighting;
    const known = state.openTools.get(id);
    if (known !== undefined) {
      if (isNearInTime(known.startedAtMillis, atMillis)) return;
      // The id was handed out again: the first call never came to an end.
      announceCall(known);
      endTool(state, id);
    }
    const forgotten = rememberOpenTool(state, {
      callId: id,
      tool: name,
      startedAtMillis: atMillis,
      sessionId,
      taskId,
      isSidechain: record.isSidechain,
      line: hasWantedInput(name) ? line : undefined,
      isAnnounced: false,
    });
    if (forgotten === undefined) return;
    announceCall(forgotten);
    skip("tool call without a result: too many open");
  };

  const readInput = (call: OpenTool | undefined): ToolInput | undefined => {
    if (call?.line === undefined) return undefined;
    const bytes = lines.readLine(call.line);
    const input = bytes === undefined ? undefined : readToolInput(bytes, call.callId);
    if (input === undefined) skip("tool input that cannot be read again");
    return input;
  };

  /** The detail belongs to the only result of the line; with several one cannot tell to which. */
  const detailOf = ({ record }: Sighting) => (record.toolResults.length === 1 ? record.toolDetail : undefined);

  const fileEffect = (sighting: Sighting, call: OpenTool, textBeginning: () => string): FileEffect | undefined => {
    if (!isFileTool(call.tool)) return undefined;
    const detail = detailOf(sighting);
    const isNew =
      detail?.type === "create" || (detail?.type === undefined && textBeginning().startsWith("File created"));
    const change = call.tool === "Write" && isNew ? "created" : "modified";
    // The patch of a new file is empty: its lines are those of the input.
    const patch = change === "created" ? undefined : detail?.patch;
    if (patch !== undefined && detail?.filePath !== undefined) return { path: detail.filePath, change, lines: patch };
    const input = readInput(call);
    // Rewriting a file without telling the difference: unknown, for the old text is not known.
    const inputLines = call.tool === "Write" && change === "modified" ? undefined : input?.lines;
    return { path: detail?.filePath ?? input?.path, change, lines: patch ?? inputLines };
  };

  const addFileChange = (sighting: Sighting, call: OpenTool, { path, change }: FileEffect): void => {
    if (path === undefined || path === "") {
      skip("file change without a path");
    } else if (call.taskId === undefined) {
      skip("file change without a task");
    } else {
      facts.addFileChange({
        kind: "file_change",
        witness: "transcript",
        product: PRODUCT,
        sessionId: call.sessionId,
        taskId: call.taskId,
        path: pathInProject(path, sighting.record.cwd),
        change,
        atMillis: sighting.atMillis,
      });
    }
  };

  /** What the parent knows of a subagent's run. */
  const addSubagent = (sighting: Sighting, call: OpenTool, errorType: string | undefined): void => {
    const { atMillis } = sighting;
    const detail = detailOf(sighting);
    const agentId = detail?.agentId ?? (errorType === undefined ? undefined : lines.agentIdOf(call.callId));
    if (agentId === undefined || agentId === "") return;
    let outcome: TaskOutcome | undefined;
    if (errorType !== undefined) {
      const isCancelled = errorType === "interrupted" || errorType === "rejected";
      outcome = { result: isCancelled ? "cancelled" : "failure", origin: "reported", atMillis, errorType };
    } else if (detail?.status === "completed") {
      outcome = { result: "success", origin: "reported", atMillis };
    }
    const task = { taskId: `agent:${agentId}`, sessionId: call.sessionId, taskKind: "subagent" } as const;
    facts.addTask({ ...task, agent: detail?.agentType, parentTaskId: call.taskId, outcome });
    if (detail?.agentType !== undefined) return;
    const askedFor = readInput(call)?.subagentType;
    if (askedFor !== undefined) facts.addTaskHint({ ...task, agent: askedFor });
  };

  const close = (sighting: Sighting, { id, isError, text }: ToolResult, buffer: Buffer): void => {
    const { atMillis, sessionId, taskId, record } = sighting;
    const textBeginning = (): string =>
      buffer.toString("latin1", text.start, Math.min(text.end, text.start + TEXT_BEGINNING_BYTES));
    const errorType = isError ? toolErrorType(textBeginning()) : undefined;
    const call = state.openTools.get(id);
    if (call === undefined && hasToolEnded(state, id)) {
      skip("tool result of a call that has ended or was forgotten");
      return;
    }
    endTool(state, id);
    if (call === undefined) {
      // Where the call is not in this file, the start is a guess that must not outrank a witness that knows it.
      facts.addToolCall({
        kind: "tool_call",
        witness: "inferred",
        product: PRODUCT,
        sessionId,
        taskId,
        callId: id,
        startedAtMillis: atMillis,
        endedAtMillis: atMillis,
        isSuccess: !isError,
        errorType,
      });
      return;
    }
    const effect = isError ? undefined : fileEffect(sighting, call, textBeginning);
    if (effect !== undefined) addFileChange(sighting, call, effect);
    if (isAgentTool(call.tool)) addSubagent(sighting, call, errorType);
    facts.addToolCall({
      kind: "tool_call",
      witness: record.isSidechain ? "transcriptSidechain" : "transcript",
      product: PRODUCT,
      sessionId: call.sessionId,
      taskId: call.taskId,
      callId: id,
      tool: call.tool,
      startedAtMillis: call.startedAtMillis,
      endedAtMillis: Math.max(call.startedAtMillis, atMillis),
      isSuccess: !isError,
      errorType,
      linesAdded: effect?.lines?.added,
      linesRemoved: effect?.lines?.removed,
    });
  };

  const announce = (): void => {
    for (const call of state.openTools.values()) announceCall(call);
  };

  return { open, close, announce };
}

/** In the same or the next quarter hour: there, and only there, the ledger takes equal ids for the same call. */
function isNearInTime(aMillis: number, bMillis: number): boolean {
  return Math.abs(quarterHourOf(aMillis) - quarterHourOf(bMillis)) <= 1;
}
