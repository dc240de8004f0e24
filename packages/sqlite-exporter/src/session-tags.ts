/** Tags of the sessions of this process, which become labels of live counters: `labels` in the user's configuration. */
import type { Fact, SessionFact, Witness } from "@moai-metrics/model";

/** The facts that tag those sessions that facts tell of and that were not tagged yet. */
export type SessionTags = (facts: readonly Fact[]) => readonly SessionFact[];

/** Names and values. */
export type Tags = Readonly<Record<string, string>>;

/** Sessions that are remembered; tagging one again changes nothing. */
const MAX_SESSIONS = 1_000;

/** Those attributes of a resource that the user promoted. */
export function promotedTags(attributes: Readonly<Record<string, string>>, labels: readonly string[]): Tags {
  return Object.fromEntries(
    labels.flatMap((name) => {
      const value = attributes[name]?.trim();
      return value === undefined || value === "" ? [] : [[name, value] as const];
    }),
  );
}

/** @param witness who tells the facts. */
export function createSessionTags(tags: Tags, witness: Witness): SessionTags {
  if (Object.keys(tags).length === 0) return () => [];
  const tagged = new Set<string>();
  return (facts) => {
    const added: SessionFact[] = [];
    for (const fact of facts) {
      if (!("sessionId" in fact)) continue;
      const { product, sessionId } = fact;
      const key = JSON.stringify([product, sessionId]);
      if (tagged.has(key)) continue;
      if (tagged.size >= MAX_SESSIONS) tagged.clear();
      tagged.add(key);
      added.push({ kind: "session", witness, product, sessionId, activity: [], tags });
    }
    return added;
  };
}
