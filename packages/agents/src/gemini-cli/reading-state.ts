/** What must be remembered of a chat between two reads. Kept in the ledger's file: no content, no paths of files. */

/** A turn of the user. */
interface Turn {
  readonly taskId: string;
  readonly startedAtMillis: number;
}

/** State of reading one chat. */
export interface ReadingState {
  sessionId: string | undefined;
  /** The subagent whose chat it is. */
  agentId: string | undefined;
  turn: Turn | undefined;
  /** Names of the calls of messages, by a hash of the message's id: a message may be told again. */
  readonly calls: Map<number, string>;
  /** How often calls of the same counts were seen. */
  seenUsage: ReadonlyMap<string, number>;
  /** Hashes of prompts seen, so that a prompt told again begins no turn. */
  readonly prompts: Set<number>;
}

/** The state at the start of a chat. */
export function initialState(): ReadingState {
  return {
    sessionId: undefined,
    agentId: undefined,
    turn: undefined,
    calls: new Map(),
    seenUsage: new Map(),
    prompts: new Set(),
  };
}

const STATE_VERSION = 1;

/** Writes a state as JSON. */
export function encodeState({ calls, seenUsage, prompts, ...plain }: ReadingState): string {
  const lists = { calls: [...calls], seenUsage: [...seenUsage], prompts: [...prompts] };
  return JSON.stringify({ version: STATE_VERSION, ...plain, ...lists });
}

/** Reads a state back; undefined when it is not one of ours, or of another version. */
export function decodeState(text: string): ReadingState | undefined {
  try {
    const written = JSON.parse(text) as Partial<ReadingState> & { version: number };
    if (written.version !== STATE_VERSION) return undefined;
    const { calls, seenUsage, prompts, sessionId, agentId, turn } = written;
    return {
      sessionId,
      agentId,
      turn,
      calls: new Map(calls),
      seenUsage: new Map(seenUsage),
      prompts: new Set(prompts),
    };
  } catch {
    return undefined;
  }
}
