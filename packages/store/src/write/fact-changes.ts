/** What a transaction changes in all that is added up from facts: the rollups, and the live counters. */
import type { LiveChanges } from "../live/live-changes.ts";
import type { CountedFact } from "../live/types.ts";
import type { RollupChanges } from "../rollup/types.ts";

/** Collects what facts add. */
export interface FactChanges {
  /** Whether the live counters would change. */
  isRecent(before: CountedFact | undefined, after: CountedFact | undefined): boolean;
  /** Replaces what a fact added before by what it adds now. Parameters and result as those of the live counters. */
  replace(before: CountedFact | undefined, after: CountedFact | undefined, isBeforeLive?: boolean): boolean;
  /**
   * Writes the collected differences and starts over.
   * @param keptFromMillis the ledger's watermark: what days before it added up to stays as it is.
   */
  apply(keptFromMillis: number | undefined): void;
  /** Forgets the collected differences. */
  discard(): void;
}

/** For who only reads: nothing is written. */
export const NO_CHANGES: FactChanges = Object.freeze({
  isRecent: () => false,
  replace: () => false,
  apply: () => {},
  discard: () => {},
});

/** Tells both. */
export function createFactChanges(rollups: RollupChanges, live: LiveChanges): FactChanges {
  return {
    isRecent: live.isRecent,
    replace(before, after, isBeforeLive) {
      rollups.replace(before, after);
      return live.replace(before, after, isBeforeLive);
    },
    apply(keptFromMillis) {
      rollups.apply(keptFromMillis);
      live.apply();
    },
    discard() {
      rollups.discard();
      live.discard();
    },
  };
}
