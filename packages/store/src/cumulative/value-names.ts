/** Turns names into values of attributes: few enough, and none of them twice. */
import type { Database } from "better-sqlite3";
import { rollupStatementsOf } from "../rollup/rollup-statements.ts";
import { type CumulativeQuestion, OVERFLOW_VALUE } from "./types.ts";

const MAX_VALUES = 200;

/**
 * The value of each name. Names keep their place in the order in which they came into the store, so a value that was
 * shown once is not displaced by later ones, and no counter goes down.
 */
export function valueNames(
  database: Database,
  names: Iterable<string>,
  { toValue = (name) => name, maxValues = MAX_VALUES }: Pick<CumulativeQuestion, "toValue" | "maxValues">,
): ReadonlyMap<string, string> {
  const { numberOf } = rollupStatementsOf(database);
  const placed = [...new Set(names)]
    .map((name) => ({ name, place: name === "" ? 0 : (numberOf.get(name) ?? Number.MAX_SAFE_INTEGER) }))
    .sort((a, b) => a.place - b.place);
  const kept = new Set<string>();
  const values = new Map<string, string>();
  for (const { name } of placed) {
    const value = toValue(name);
    const isKnown = value === "" || kept.has(value);
    if (!isKnown && kept.size < maxValues) kept.add(value);
    values.set(name, isKnown || kept.has(value) ? value : OVERFLOW_VALUE);
  }
  return values;
}
