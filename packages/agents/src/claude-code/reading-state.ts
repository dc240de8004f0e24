/** What must be remembered of a transcript between two reads. Kept in the ledger's file: no content, no file paths. */
import { hash53 } from "@moai-metrics/model";
import type { LineRange } from "../transcript/read-transcript.ts";
import { MAX_ENDED_TOOLS, MAX_OPEN_TOOLS, MAX_SESSIONS_PER_FILE } from "./limits.ts";

/** A tool call without a result yet. */
export interface OpenTool {
  readonly callId: string;
  readonly tool: string | undefined;
  readonly startedAtMillis: number;
  readonly sessionId: string;
  readonly taskId: string | undefined;
  readonly isSidechain: boolean;
  /** Where the line of the call is, if its input will be wanted. */
  readonly line: LineRange | undefined;
  /** Was already handed out as running. */
  isAnnounced: boolean;
}

/** A user turn. */
export interface PromptTurn {
  readonly taskId: string;
  readonly sessionId: string;
  readonly startedAtMillis: number;
}

/** The run of the subagent whose file this is. */
interface SubagentRun {
  readonly taskId: string;
  readonly sessionId: string;
}

/** State of reading one file. */
export interface ReadingState {
  /** In the file of a subagent, once a line has shown it at work. */
  subagent: SubagentRun | undefined;
  /** The turn that replies belong to. */
  turn: PromptTurn | undefined;
  /** A slash command or notification that becomes the turn when the model answers. */
  command: PromptTurn | undefined;
  /** The first folder seen of each session. */
  readonly projects: Map<string, string>;
  /** Oldest first. */
  readonly openTools: Map<string, OpenTool>;
  /** Short hashes of the ids of calls that have ended or were forgotten, oldest first. */
  readonly endedTools: Set<number>;
}

/** The state at the start of a file. */
export function initialState(): ReadingState {
  return {
    subagent: undefined,
    turn: undefined,
    command: undefined,
    projects: new Map(),
    openTools: new Map(),
    endedTools: new Set(),
  };
}

/** Remembers the folder of a session, if it is the first. */
export function rememberProject(state: ReadingState, sessionId: string, project: string): void {
  if (state.projects.has(sessionId) || state.projects.size >= MAX_SESSIONS_PER_FILE) return;
  state.projects.set(sessionId, project);
}

/** Remembers a tool call. Answers the oldest one when it had to be forgotten because there are too many. */
export function rememberOpenTool(state: ReadingState, open: OpenTool): OpenTool | undefined {
  state.endedTools.delete(shortHash(open.callId));
  state.openTools.set(open.callId, open);
  if (state.openTools.size <= MAX_OPEN_TOOLS) return undefined;
  for (const oldest of state.openTools.values()) {
    endTool(state, oldest.callId);
    return oldest;
  }
  return undefined;
}

/** Takes a call from the open ones and remembers for a while that no further result of it is news. */
export function endTool(state: ReadingState, callId: string): void {
  state.openTools.delete(callId);
  state.endedTools.add(shortHash(callId));
  if (state.endedTools.size <= MAX_ENDED_TOOLS) return;
  for (const oldest of state.endedTools) {
    state.endedTools.delete(oldest);
    break;
  }
}

/** Whether a call of this id has ended or was forgotten, as far as still remembered. */
export function hasToolEnded(state: ReadingState, callId: string): boolean {
  return state.endedTools.has(shortHash(callId));
}

/** Thirty-two bits keep the state small; only ids of one file that are not open are compared. */
function shortHash(id: string): number {
  return hash53(id) % 2 ** 32;
}

const STATE_VERSION = 3;

/** As it is written. */
interface WrittenState {
  readonly version: number;
  readonly subagent?: SubagentRun | undefined;
  readonly turn?: PromptTurn | undefined;
  readonly command?: PromptTurn | undefined;
  readonly projects: readonly (readonly [sessionId: string, project: string])[];
  readonly openTools: readonly OpenTool[];
  readonly endedTools: readonly number[];
}

/** Writes a state as JSON. */
export function encodeState(state: ReadingState): string {
  const written: WrittenState = {
    version: STATE_VERSION,
    subagent: state.subagent,
    turn: state.turn,
    command: state.command,
    projects: [...state.projects],
    openTools: [...state.openTools.values()],
    endedTools: [...state.endedTools],
  };
  return JSON.stringify(written);
}

/** Reads a state back; undefined when it is not one of ours, or of another version. */
export function decodeState(text: string): ReadingState | undefined {
  try {
    const written = JSON.parse(text) as WrittenState;
    if (written.version !== STATE_VERSION) return undefined;
    if (!isTurn(written.turn) || !isTurn(written.command) || !isRun(written.subagent)) return undefined;
    if (!written.endedTools.every(Number.isSafeInteger)) return undefined;
    if (!written.projects.every((pair) => pair.every(isText)) || !written.openTools.every(isOpenTool)) return undefined;
    return {
      subagent: written.subagent,
      turn: written.turn,
      command: written.command,
      projects: new Map(written.projects),
      openTools: new Map(written.openTools.map((open) => [open.callId, open])),
      endedTools: new Set(written.endedTools),
    };
  } catch {
    return undefined;
  }
}

function isRun(run: SubagentRun | undefined): boolean {
  return run === undefined || (isText(run.taskId) && isText(run.sessionId));
}

function isTurn(turn: PromptTurn | undefined): boolean {
  return turn === undefined || (isRun(turn) && Number.isSafeInteger(turn.startedAtMillis));
}

function isOpenTool(open: OpenTool): boolean {
  const { line } = open;
  return (
    isText(open.callId) &&
    isText(open.sessionId) &&
    Number.isSafeInteger(open.startedAtMillis) &&
    (line === undefined || (Number.isSafeInteger(line.offsetBytes) && Number.isSafeInteger(line.lengthBytes)))
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
