/**
 * How series grow whose facts may move from one to the other: an agent's name, a project, a result is often learnt after
 * its facts were shown. What they leave cannot fall. So that no sum over them has a fact twice, what they come to grows
 * by no more than all of them together did. Pure.
 */
import { canonicalName } from "@moai-metrics/model";
import type { LiveSeries, LiveVector } from "./read-live.ts";

/** What was shown of a series, and what the facts say now. */
export interface Growing {
  readonly shown: LiveVector;
  readonly facts: LiveVector;
}

/** Attributes that are known from the beginning. All others, also those that the user promoted, are learnt late or corrected. */
const EARLY: ReadonlySet<string> = new Set(
  (["product", "requestModel", "toolName", "fileChange", "lineChange"] as const).map(canonicalName),
);

/** The same for series that facts move between: of one metric, and alike in all that is known from the beginning. */
export function siblingsOf({ source, attributes }: Pick<LiveSeries, "source" | "attributes">): string {
  const pairs = Object.entries(attributes).filter(([name]) => EARLY.has(name));
  return JSON.stringify([source.metric.key, ...pairs.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/**
 * What is shown of each: never less than before, never more than the facts where it grows; together as much as the facts,
 * as soon as those are no less than what was shown.
 */
export function growTogether(siblings: readonly Growing[]): LiveVector[] {
  const isHeld = siblings.some(({ shown, facts }) => shown.some((value, i) => value > (facts[i] ?? 0)));
  if (!isHeld) return siblings.map(({ facts }) => facts);
  const room = sumOf(siblings.map(({ facts }) => facts)).map((all, i) => {
    const before = siblings.reduce((sum, { shown }) => sum + (shown[i] ?? 0), 0);
    return Math.max(0, all - before);
  });
  return siblings.map(({ shown, facts }) => {
    const reached = shown.map((value, i) => Math.min(Math.max(value, facts[i] ?? 0), value + (room[i] ?? 0)));
    // Counts up to a bound are no more than those up to the next one.
    for (let i = reached.length - 2; i > 0; i--) reached[i] = Math.min(reached[i] ?? 0, reached[i + 1] ?? 0);
    for (const [i, value] of reached.entries()) room[i] = (room[i] ?? 0) - (value - (shown[i] ?? 0));
    return reached;
  });
}

function sumOf(vectors: readonly LiveVector[]): number[] {
  const sums = (vectors[0] ?? []).map(() => 0);
  for (const vector of vectors) for (const [i, value] of vector.entries()) sums[i] = (sums[i] ?? 0) + value;
  return sums;
}
