/** What answers can be grouped by, and how groups are named and ordered. */
import { DIMENSIONS, type Dimension } from "../read/types.ts";
import type { Population } from "./measures.ts";
import type { GroupNames } from "./types.ts";

const WHAT: Readonly<Record<Population, string>> = { calls: "model calls", tools: "tool calls", tasks: "tasks" };

/**
 * The dimensions, after a check that the facts have them.
 * @throws RangeError naming the method, the dimension and what is accepted.
 */
export function requireGroups(
  method: string,
  population: Population,
  groupBy: readonly Dimension[] = [],
): readonly Dimension[] {
  const accepted = DIMENSIONS.filter((dimension) => dimension !== "model" || population === "calls");
  const wrong = groupBy.find((dimension) => !accepted.includes(dimension));
  if (wrong === undefined) return [...new Set(groupBy)];
  throw new RangeError(
    `${method} cannot group ${WHAT[population]} by ${wrong}. Group them by ${accepted.join(", ")}` +
      `${wrong === "model" ? ", or ask for a measure of model calls" : ""}.`,
  );
}

/** Orders the names of groups: dimension by dimension, by code unit. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [i, name] of a.entries()) {
    const other = b[i] ?? "";
    if (name !== other) return name < other ? -1 : 1;
  }
  return 0;
}

/** The names of a group by dimension. */
export function namesOf(groupBy: readonly Dimension[], key: readonly string[]): GroupNames {
  return Object.fromEntries(groupBy.map((dimension, i) => [dimension, key[i] ?? ""]));
}
