/** What must be remembered of a rollout between two reads. Kept in the ledger's file: no content, no paths of files. */
import type { LineRange } from "../transcript/read-transcript.ts";
import { createUsageKeys, type UsageKeys } from "../usage-keys.ts";
import type { CodexUsage } from "./record.ts";

/** Whose rollout it is. */
export interface Thread {
  readonly threadId: string;
  readonly sessionId: string;
  readonly isSubagent: boolean;
  readonly agent: string | undefined;
  readonly project: string | undefined;
  readonly branch: string | undefined;
  readonly version: string | undefined;
  readonly startedAtMillis: number;
  readonly hasHistory: boolean;
  readonly ownFromOrdinal: number | undefined;
}

/** A turn of the user. */
interface Turn {
  readonly taskId: string;
  /** Something went wrong in it. */
  readonly hasFailed: boolean;
  readonly errorType?: string | undefined;
}

/** A tool call without a result yet. */
export interface OpenTool {
  readonly tool: string | undefined;
  readonly startedAtMillis: number;
  readonly taskId: string | undefined;
  /** Where the line of the call is, if its input will be wanted. */
  readonly line: LineRange | undefined;
  /** What a line before the result told of it. */
  errorType?: string | undefined;
  isAnnounced?: boolean | undefined;
}

/** The call that was counted last, to know it when it is told again in another way. */
interface CountedCall {
  readonly requestId: string;
  readonly usage: CodexUsage;
}

/** State of reading one rollout. */
export interface ReadingState {
  thread: Thread | undefined;
  model: string | undefined;
  turn: Turn | undefined;
  /** Turns that had no id of their own. */
  namelessTurns: number;
  /** Counts of the thread so far, as the rollout tells them. */
  total: CodexUsage | undefined;
  lastCounted: CountedCall | undefined;
  /** Calls counted so far. */
  calls: number;
  readonly keys: UsageKeys;
  /** Oldest first. */
  readonly openTools: Map<string, OpenTool>;
}

/** The state at the start of a rollout. */
export function initialState(): ReadingState {
  return {
    thread: undefined,
    model: undefined,
    turn: undefined,
    namelessTurns: 0,
    total: undefined,
    lastCounted: undefined,
    calls: 0,
    keys: createUsageKeys(),
    openTools: new Map(),
  };
}

const STATE_VERSION = 1;

/** As it is written. */
interface Written extends Partial<Omit<ReadingState, "keys" | "openTools">> {
  readonly version: number;
  readonly keys: string;
  readonly openTools: readonly (readonly [callId: string, call: OpenTool])[];
}

/** Writes a state as JSON. */
export function encodeState(state: ReadingState): string {
  const { keys, openTools, ...plain } = state;
  return JSON.stringify({ version: STATE_VERSION, ...plain, keys: keys.encode(), openTools: [...openTools] });
}

/** Reads a state back; undefined when it is not one of ours, or of another version. */
export function decodeState(text: string): ReadingState | undefined {
  try {
    const { version, keys, openTools, ...plain } = JSON.parse(text) as Written;
    if (version !== STATE_VERSION) return undefined;
    return { ...initialState(), ...plain, keys: createUsageKeys(keys), openTools: new Map(openTools) };
  } catch {
    return undefined;
  }
}
