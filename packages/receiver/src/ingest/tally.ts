/** Counts by reason, bounded: reasons hold names of events, which anyone may invent. */

/** Counts that only grow. */
export interface Tally {
  add(reason: string, amount?: number): void;
  counts(): Readonly<Record<string, number>>;
}

const MAX_REASONS = 200;
const OTHER = "other";

/** Creates an empty tally. */
export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add: (reason, amount = 1) => {
      const name = counts.has(reason) || counts.size < MAX_REASONS ? reason : OTHER;
      counts.set(name, (counts.get(name) ?? 0) + amount);
    },
    counts: () => Object.fromEntries(counts),
  };
}
