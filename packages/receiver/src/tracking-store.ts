/** Keeps out of the store what the owner of a project does not want stored. */
import { PRODUCT_TELLINGS } from "@moai-metrics/agents/telling";
import type { Fact, SessionBoundFact } from "@moai-metrics/model";
import { type MetricsConfig, primaryFolder, trackedPart, tracksEverything } from "@moai-metrics/settings";
import type { LedgerBatch, LedgerWriteResult, PointBatch, PointWriteResult, Store } from "@moai-metrics/store";

/**
 * Which settings hold for the facts of a project.
 * @param project the folder of the session; undefined when it is not known.
 */
export type ConfigOfProject = (project: string | undefined) => MetricsConfig;

/**
 * The same store, but for facts that settings keep out: those are refused by reason, `switched off: tasks.enabled`.
 * The project of a session is what its facts have said so far; a measurement of quality names its own. A worktree counts
 * as its primary checkout.
 */
export function createTrackingStore(store: Store, configOf: ConfigOfProject): Store {
  const projects = new Map<string, string>();
  const keyOf = ({ product, sessionId }: SessionBoundFact): string => `${product}\0${sessionId}`;
  const folders = new Map<string, string>();
  const projectOf = (folder: string): string => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const project = primaryFolder(folder);
    folders.set(folder, project);
    return project;
  };
  const write = (given: LedgerBatch): LedgerWriteResult => {
    const batch = { ...given, facts: given.facts.map((fact) => inPrimary(fact, projectOf)) };
    for (const fact of batch.facts) {
      if (fact.kind === "session" && fact.project !== undefined) projects.set(keyOf(fact), fact.project);
    }
    const facts: Fact[] = [];
    const switchedOff: Record<string, number> = {};
    for (const fact of batch.facts) {
      const config = configOf(fact.kind === "quality" ? fact.project : projects.get(keyOf(fact)));
      const tracked = fact.kind !== "quality" && tracksEverything(config) ? { fact } : trackedPart(fact, config);
      if (tracked.fact !== undefined) facts.push(tracked.fact);
      else switchedOff[tracked.reason] = (switchedOff[tracked.reason] ?? 0) + 1;
    }
    const result = store.write({ ...batch, facts });
    return { ...result, received: batch.facts.length, refused: { ...result.refused, ...switchedOff } };
  };
  const isTracked = (project: string | undefined): boolean => {
    const { isEnabled, tokens } = configOf(project);
    return isEnabled && tokens.tracksUsage;
  };
  const writePoints = (batch: PointBatch): PointWriteResult =>
    store.writePoints(batch, { tellings: PRODUCT_TELLINGS, isTracked });
  return { ...store, write, writePoints };
}

function inPrimary(fact: Fact, projectOf: (folder: string) => string): Fact {
  if ((fact.kind !== "session" && fact.kind !== "quality") || fact.project === undefined) return fact;
  const project = projectOf(fact.project);
  return project === fact.project ? fact : { ...fact, project };
}
