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
  /**
   * The name of a call.
   *
   * @param sighting what tells one sighting of this witness from another, such as the id of its record: a sighting
   * that comes again gets the name that it got before.
   */
  keyOf(sighting: string, tuple: UsageTuple): string;
  /** What has to be remembered, as text. */
  encode(): string;
}

/** Sightings that are remembered: those that come again come soon. */
const MAX_SIGHTINGS = 2_000;

/** As it is written. */
interface Written {
  readonly version: number;
  /** Name of the call by sighting; oldest first. */
  readonly sightings: readonly (readonly [sighting: number, key: string])[];
  /** How often a tuple was seen. */
  readonly seen: readonly (readonly [tuple: string, count: number])[];
}

const VERSION = 1;

/** Creates {@link UsageKeys}, from what an earlier one remembered, if that can be read. */
export function createUsageKeys(remembered?: string): UsageKeys {
  const { sightings, seen } = decode(remembered);
  return {
    keyOf: (sighting, { sessionId, model = "", counts }) => {
      const known = sightings.get(hash53(sighting));
      if (known !== undefined) return known;
      const tuple = hash53(joinKey(sessionId, model, ...counts.map(String))).toString(36);
      const occurrence = (seen.get(tuple) ?? 0) + 1;
      const key = `usage:${tuple}:${occurrence}`;
      seen.set(tuple, occurrence);
      sightings.set(hash53(sighting), key);
      const [oldest] = sightings.keys();
      if (sightings.size > MAX_SIGHTINGS && oldest !== undefined) sightings.delete(oldest);
      return key;
    },
    encode: () => JSON.stringify({ version: VERSION, sightings: [...sightings], seen: [...seen] } satisfies Written),
  };
}

function decode(text: string | undefined): { sightings: Map<number, string>; seen: Map<string, number> } {
  try {
    const { version, sightings, seen } = JSON.parse(text ?? "") as Written;
    if (version === VERSION) return { sightings: new Map(sightings), seen: new Map(seen) };
  } catch {
    // Nothing was remembered, or by another version.
  }
  return { sightings: new Map(), seen: new Map() };
}
