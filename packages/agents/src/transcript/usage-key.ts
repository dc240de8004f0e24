/**
 * Names for model calls whose witnesses share no id: the same calls in the order of one witness get the same names as
 * in the order of another, so that each is counted once.
 */
import { hash53, joinKey } from "@moai-metrics/model";

/** What all witnesses of a call know of it. */
interface UsageTuple {
  readonly sessionId: string;
  readonly model: string | undefined;
  /** Counts as reported, in an order that is the same for every witness. */
  readonly counts: readonly number[];
}

/** Names calls by what is known of them and by how often that was seen before. */
export interface UsageKeys {
  /** The name of the next call of these counts: to be asked once for each call, in the order of the witness. */
  next(tuple: UsageTuple): string;
  /** What has to be remembered between two reads. */
  readonly seen: ReadonlyMap<string, number>;
}

/** Creates {@link UsageKeys}; `seen` as an earlier one left it. */
export function createUsageKeys(seen: Iterable<readonly [string, number]> = []): UsageKeys {
  const counts = new Map(seen);
  return {
    seen: counts,
    next: ({ sessionId, model = "", counts: reported }) => {
      const tuple = hash53(joinKey(sessionId, model, ...reported.map(String))).toString(36);
      const occurrence = (counts.get(tuple) ?? 0) + 1;
      counts.set(tuple, occurrence);
      return `usage:${tuple}:${occurrence}`;
    },
  };
}
