/** What labels that the user promoted become as attributes: each with few enough values. */
import type { Database } from "better-sqlite3";
import { type CumulativeAttributes, OVERFLOW_VALUE } from "../cumulative/types.ts";
import { valueNames } from "../cumulative/value-names.ts";
import type { ValueRules } from "./exposure-types.ts";
import { decodeLabels } from "./session-labels.ts";

/** Attributes by the text that the file has. */
export interface NamedLabels {
  readonly labels: ReadonlyMap<string, CumulativeAttributes>;
  /** Values that share {@link OVERFLOW_VALUE}. */
  readonly overflowing: number;
}

/** @param texts labels of sessions as the file has them. */
export function nameLabels(database: Database, texts: Iterable<string>, rules: ValueRules): NamedLabels {
  const decoded = [...new Set(texts)].map((text) => ({ text, pairs: Object.entries(decodeLabels(text)) }));
  const byName = Map.groupBy(
    decoded.flatMap(({ pairs }) => pairs),
    ([name]) => name,
  );
  const values = new Map(
    [...byName].map(([name, pairs]) => [
      name,
      valueNames(
        database,
        pairs.map(([, value]) => value),
        rules,
      ),
    ]),
  );
  const labels = decoded.map(({ text, pairs }) => {
    const named = pairs.map(([name, value]) => [name, values.get(name)?.get(value) ?? value] as const);
    return [text, Object.fromEntries(named.filter(([, value]) => value !== ""))] as const;
  });
  return {
    labels: new Map(labels),
    overflowing: [...values.values()].reduce((sum, names) => sum + overflowing(names), 0),
  };
}

/** How many names had to share one value. */
export function overflowing(names: ReadonlyMap<string, string>): number {
  let count = 0;
  for (const value of names.values()) if (value === OVERFLOW_VALUE) count += 1;
  return count;
}
