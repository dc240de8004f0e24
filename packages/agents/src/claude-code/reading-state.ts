/** What must be remembered of a transcript between two reads. Kept in the ledger's file: no content, no file paths. */
import { MAX_OPEN_TOOLS, MAX_SESSIONS_PER_FILE } from "./limits.ts";

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

/** Where a line is in the file. */
export interface LineRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** A user turn. */
export interface PromptTurn {
  readonly taskId: string;
  readonly sessionId: string;
  readonly startedAtMillis: number;
}

/** State of reading one file. */
export interface ReadingState {
  /** The turn that replies belong to. */
  turn: PromptTurn | undefined;
  /** A slash command that becomes the turn when the model answers. */
  command: PromptTurn | undefined;
  /** The first folder seen of each session. */
  readonly projects: Map<string, string>;
  /** Oldest first. */
  readonly openTools: Map<string, OpenTool>;
}

/** The state at the start of a file. */
export function initialState(): ReadingState {
  return { turn: undefined, command: undefined, projects: new Map(), openTools: new Map() };
}

/** Remembers the folder of a session, if it is the first. */
export function rememberProject(state: ReadingState, sessionId: string, project: string): void {
  if (state.projects.has(sessionId) || state.projects.size >= MAX_SESSIONS_PER_FILE) return;
  state.projects.set(sessionId, project);
}

/** Remembers a tool call; the oldest is forgotten when there are too many. Answers whether one was. */
export function rememberOpenTool(state: ReadingState, open: OpenTool): boolean {
  state.openTools.set(open.callId, open);
  if (state.openTools.size <= MAX_OPEN_TOOLS) return false;
  for (const oldest of state.openTools.keys()) {
    state.openTools.delete(oldest);
    break;
  }
  return true;
}

const STATE_VERSION = 1;

/** As it is written; `check` is a checksum of the bytes before the position, to notice a rewritten file. */
interface WrittenState {
  readonly version: number;
  readonly check: number;
  readonly turn?: PromptTurn | undefined;
  readonly command?: PromptTurn | undefined;
  readonly projects: readonly (readonly [sessionId: string, project: string])[];
  readonly openTools: readonly OpenTool[];
}

/** Writes a state as JSON. */
export function encodeState(state: ReadingState, check: number): string {
  const written: WrittenState = {
    version: STATE_VERSION,
    check,
    turn: state.turn,
    command: state.command,
    projects: [...state.projects],
    openTools: [...state.openTools.values()],
  };
  return JSON.stringify(written);
}

/** Reads a state back; undefined when it is not one of ours, or of another version. */
export function decodeState(text: string): { state: ReadingState; check: number } | undefined {
  try {
    const written = JSON.parse(text) as WrittenState;
    if (written.version !== STATE_VERSION || typeof written.check !== "number") return undefined;
    if (!isTurn(written.turn) || !isTurn(written.command)) return undefined;
    if (!written.projects.every((pair) => pair.every(isText)) || !written.openTools.every(isOpenTool)) return undefined;
    return {
      check: written.check,
      state: {
        turn: written.turn,
        command: written.command,
        projects: new Map(written.projects),
        openTools: new Map(written.openTools.map((open) => [open.callId, open])),
      },
    };
  } catch {
    return undefined;
  }
}

function isTurn(turn: PromptTurn | undefined): boolean {
  return (
    turn === undefined || (isText(turn.taskId) && isText(turn.sessionId) && Number.isSafeInteger(turn.startedAtMillis))
  );
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
