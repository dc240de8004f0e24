/** Tool calls of a rollout: an item begins one, the item with its output ends it. */

import { objectOf, textOf } from "../jsonl/json-values.ts";
import { pathInProject } from "../transcript/path-in-project.ts";
import type { LineRange } from "../transcript/read-transcript.ts";
import type { MapperOptions } from "./mapping.ts";
import { countPatch, type PatchEffect } from "./patch.ts";
import { PRODUCT } from "./product.ts";
import type { OpenTool, Thread } from "./reading-state.ts";
import type { CodexFileChange, CodexRecord } from "./record.ts";

type ToolRecord = Extract<CodexRecord, { kind: "toolStarted" | "toolEnded" | "filesChanged" }>;

/** Maps what tells of tool calls. */
export interface ToolMapper {
  map(record: ToolRecord, thread: Thread, taskId: string | undefined, line: LineRange): void;
  announce(thread: Thread): void;
}

/** Tool calls that may be open at once; beyond it the oldest is forgotten. */
const MAX_OPEN_TOOLS = 256;

const PATCH_TOOL = "apply_patch";

/** Creates a {@link ToolMapper}. */
export function createToolMapper({ state, facts, readLine, skip }: MapperOptions): ToolMapper {
  const { openTools } = state;

  const announceCall = ({ sessionId }: Thread, callId: string, call: OpenTool): void => {
    if (call.isAnnounced) return;
    call.isAnnounced = true;
    const { tool, taskId, startedAtMillis } = call;
    facts.addToolCall({
      kind: "tool_call",
      witness: "transcript",
      product: PRODUCT,
      sessionId,
      taskId,
      callId,
      tool,
      startedAtMillis,
    });
  };

  const open = (thread: Thread, callId: string, call: OpenTool): void => {
    if (openTools.has(callId)) return;
    openTools.set(callId, call);
    const [oldest] = openTools;
    if (openTools.size <= MAX_OPEN_TOOLS || oldest === undefined) return;
    announceCall(thread, ...oldest);
    openTools.delete(oldest[0]);
    skip("tool call without a result: too many open");
  };

  const addChanges = (thread: Thread, taskId: string | undefined, changes: readonly CodexFileChange[], at: number) => {
    for (const { path, change } of changes) {
      if (taskId === undefined) {
        skip("file change without a task");
        continue;
      }
      const { project, sessionId } = thread;
      facts.addFileChange({
        kind: "file_change",
        witness: "transcript",
        product: PRODUCT,
        sessionId,
        taskId,
        path: pathInProject(path, project),
        change,
        atMillis: at,
      });
    }
  };

  /** What a patch did, from the line that asked for it. */
  const readPatch = (call: OpenTool | undefined): PatchEffect | undefined => {
    if (call?.line === undefined) return undefined;
    const patch = patchOf(readLine(call.line));
    if (patch === undefined) skip("tool input that cannot be read again");
    return patch === undefined ? undefined : countPatch(patch);
  };

  const close = (thread: Thread, taskId: string | undefined, record: Extract<ToolRecord, { kind: "toolEnded" }>) => {
    const { callId, atMillis } = record;
    const call = openTools.get(callId);
    openTools.delete(callId);
    const errorType = record.errorType ?? call?.errorType;
    const patch = errorType === undefined ? readPatch(call) : undefined;
    if (patch !== undefined) addChanges(thread, call?.taskId, patch.changes, atMillis);
    facts.addToolCall({
      kind: "tool_call",
      // Without its beginning the start is a guess that must not outrank a witness that knows it.
      witness: call === undefined && record.tool === undefined ? "inferred" : "transcript",
      product: PRODUCT,
      sessionId: thread.sessionId,
      taskId: call?.taskId ?? taskId,
      callId,
      tool: call?.tool ?? record.tool,
      startedAtMillis: call?.startedAtMillis ?? atMillis,
      endedAtMillis: Math.max(call?.startedAtMillis ?? atMillis, atMillis),
      isSuccess: errorType === undefined,
      errorType,
      linesAdded: patch?.linesAdded,
      linesRemoved: patch?.linesRemoved,
    });
  };

  return {
    map: (record, thread, taskId, line) => {
      const { callId, atMillis } = record;
      const call = openTools.get(callId);
      if (record.kind === "toolStarted") {
        const { tool } = record;
        open(thread, callId, {
          tool,
          startedAtMillis: atMillis,
          taskId,
          line: tool === PATCH_TOOL ? line : undefined,
        });
      } else if (record.kind === "filesChanged") {
        addChanges(thread, call?.taskId ?? taskId, record.changes, atMillis);
      } else if (record.isResult) {
        close(thread, taskId, record);
      } else if (call !== undefined) {
        call.errorType = record.errorType ?? call.errorType;
        if (record.tool !== undefined) openTools.set(callId, { ...call, tool: record.tool });
      }
    },
    announce: (thread) => {
      for (const [callId, call] of openTools) announceCall(thread, callId, call);
    },
  };
}

/** The patch in the line of a call: its input, or the argument of that name. */
function patchOf(line: Buffer | undefined): string | undefined {
  if (line === undefined) return undefined;
  try {
    const payload = objectOf(objectOf(JSON.parse(line.toString("utf8")))?.["payload"]);
    const input = textOf(payload?.["input"], line.length);
    if (input !== undefined) return input;
    const given = textOf(payload?.["arguments"], line.length);
    return given === undefined ? undefined : textOf(objectOf(JSON.parse(given))?.["input"], line.length);
  } catch {
    return undefined;
  }
}
