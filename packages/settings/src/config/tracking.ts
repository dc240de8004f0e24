/** What is stored of a fact, by the settings. Pure. */
import { type Fact, QUALITY_MEASURES, type QualityMeasure } from "@moai-metrics/model";
import type { MetricsConfig } from "./types.ts";

/** What is left of a fact, or which setting keeps it out. */
export type TrackedFact =
  | { readonly fact: Fact }
  /** `switched off: session.tools_used`, for the account of what was not stored. */
  | { readonly fact: undefined; readonly reason: string };

/** Takes from a fact what its owner does not want stored. The same fact again when nothing is switched off. */
export function trackedPart(fact: Fact, config: MetricsConfig): TrackedFact {
  const { session, tokens, tasks, agents } = config;
  if (!config.isEnabled) return switchedOff("enabled");
  switch (fact.kind) {
    case "session":
      return { fact };
    case "tool_call":
      if (!session.tracksTools) return switchedOff("session.tools_used");
      return { fact: tasks.isTracked ? fact : without(fact, ["taskId"]) };
    case "file_change":
      if (!session.tracksFiles) return switchedOff("session.files_modified");
      if (!tasks.isTracked) return switchedOff("tasks.enabled");
      return tasks.tracksFiles ? { fact } : switchedOff("tasks.track_files");
    case "task": {
      if (!tasks.isTracked) return switchedOff("tasks.enabled");
      const named = agents.isTracked ? fact : without(fact, ["agent"]);
      if (tasks.tracksResult || named.outcome === undefined) return { fact: named };
      const { atMillis } = named.outcome;
      return { fact: { ...named, outcome: { result: "unknown", origin: "inferred", atMillis } } };
    }
    case "model_call": {
      const isUnderTask = tasks.isTracked && tokens.tracksPerTask;
      const owned = isUnderTask ? fact : without(fact, ["taskId"]);
      return { fact: tokens.tracksUsage ? owned : without(owned, ["usage", "webSearches", "reportedCostNanoUsd"]) };
    }
    case "quality":
      return isMeasured(fact.measure, config) ? { fact } : switchedOff(qualityKey(fact.measure));
  }
}

/** The PRD has no switch for benchmarks. */
function isMeasured(measure: QualityMeasure, { quality }: MetricsConfig): boolean {
  if (measure === "test_coverage") return quality.tracksCoverage;
  return measure === "lint_score" ? quality.tracksLint : true;
}

/** The measures of quality that are stored and shown. */
export function shownMeasures(config: MetricsConfig): QualityMeasure[] {
  return QUALITY_MEASURES.filter((measure) => isMeasured(measure, config));
}

/** The key that a measure is switched on with. */
export function qualityKey(measure: QualityMeasure): string {
  return measure === "lint_score" ? "quality.lint_scores" : "quality.test_coverage";
}

/** Whether the settings keep back nothing of sessions, so that their facts need not be looked at. */
export function tracksEverything({ isEnabled, session, tokens, tasks, agents }: MetricsConfig): boolean {
  return (
    isEnabled &&
    session.tracksTools &&
    session.tracksFiles &&
    tokens.tracksUsage &&
    tokens.tracksPerTask &&
    tasks.isTracked &&
    tasks.tracksResult &&
    tasks.tracksFiles &&
    agents.isTracked
  );
}

function switchedOff(key: string): TrackedFact {
  return { fact: undefined, reason: `switched off: ${key}` };
}

function without<T extends object, K extends keyof T>(value: T, keys: readonly K[]): T {
  const left = { ...value };
  for (const key of keys) delete left[key];
  return left;
}
