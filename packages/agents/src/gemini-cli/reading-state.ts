/** What must be remembered of a chat between two reads. Kept in the ledger's file: no content, no paths of files. */
import { createUsageKeys, type UsageKeys } from "../usage-keys.ts";

/** A turn of the user. */
interface Turn {
  readonly taskId: string;
}

/** State of reading one chat. */
export interface ReadingState {
  sessionId: string | undefined;
  /** The subagent whose chat it is. */
  agentId: string | undefined;
  turn: Turn | undefined;
  readonly keys: UsageKeys;
  /** Hashes of prompts seen, so that a prompt told again begins no turn. */
  readonly prompts: Set<number>;
}

/** The state at the start of a chat. */
export function initialState(): ReadingState {
  return {
    sessionId: undefined,
    agentId: undefined,
    turn: undefined,
    keys: createUsageKeys(),
    prompts: new Set(),
  };
}

const STATE_VERSION = 1;

/** As it is written. */
interface Written extends Omit<ReadingState, "keys" | "prompts"> {
  readonly version: number;
  readonly keys: string;
  readonly prompts: readonly number[];
}

/** Writes a state as JSON. */
export function encodeState({ keys, prompts, ...plain }: ReadingState): string {
  return JSON.stringify({ version: STATE_VERSION, ...plain, keys: keys.encode(), prompts: [...prompts] });
}

/** Reads a state back; undefined when it is not one of ours, or of another version. */
export function decodeState(text: string): ReadingState | undefined {
  try {
    const { version, keys, prompts, sessionId, agentId, turn } = JSON.parse(text) as Written;
    if (version !== STATE_VERSION) return undefined;
    return { sessionId, agentId, turn, keys: createUsageKeys(keys), prompts: new Set(prompts) };
  } catch {
    return undefined;
  }
}
