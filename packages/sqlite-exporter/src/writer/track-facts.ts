/** Leaves out of facts what the owner of the project does not want stored. Pure. */
import type { Fact } from "@moai-metrics/model";
import { type MetricsConfig, trackedPart, tracksEverything } from "@moai-metrics/settings";

/** What is left, and how much was left out by which setting. */
export interface TrackedFacts {
  readonly facts: readonly Fact[];
  readonly switchedOff: Readonly<Record<string, number>>;
}

/** The same facts again when nothing is switched off. */
export function trackFacts(facts: readonly Fact[], config: MetricsConfig | undefined): TrackedFacts {
  if (config === undefined || tracksEverything(config)) return { facts, switchedOff: {} };
  const kept: Fact[] = [];
  const switchedOff: Record<string, number> = {};
  for (const fact of facts) {
    const tracked = trackedPart(fact, config);
    if (tracked.fact !== undefined) kept.push(tracked.fact);
    else switchedOff[tracked.reason] = (switchedOff[tracked.reason] ?? 0) + 1;
  }
  return { facts: kept, switchedOff };
}
