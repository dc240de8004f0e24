/** Counts what was read and gave no fact. */

/** Names of unknown record types told apart in one read. */
const MAX_UNKNOWN_TYPES = 32;

/** Names as products give them. Anything else may be text of the user, which is never kept. */
const TYPE_NAME = /^[a-z][a-z0-9_-]{0,40}$/;

/** Counts by reason. */
export interface SkipCounter {
  add(reason: string, count?: number): void;
  /** Types beyond the first few are counted together. */
  addUnknownType(type: string): void;
  /** Hands the counts out and begins anew. */
  take(): Map<string, number>;
}

/** Creates a {@link SkipCounter}. */
export function createSkipCounter(): SkipCounter {
  let counts = new Map<string, number>();
  const reasons = new Map<string, string>();

  const add = (reason: string, count = 1): void => {
    if (count > 0) counts.set(reason, (counts.get(reason) ?? 0) + count);
  };
  return {
    add,
    addUnknownType: (type) => {
      let reason = reasons.get(type);
      if (reason === undefined) {
        reason = reasons.size < MAX_UNKNOWN_TYPES ? unknownRecordReason(type) : "unknown record: (more types)";
        if (reasons.size < MAX_UNKNOWN_TYPES) reasons.set(type, reason);
      }
      add(reason);
    },
    take: () => {
      const taken = counts;
      counts = new Map();
      return taken;
    },
  };
}

/** The reason under which a line of an unknown type is counted; safe to print and to keep. */
function unknownRecordReason(type: string): string {
  return `unknown record: ${TYPE_NAME.test(type) ? type : "(odd name)"}`;
}
