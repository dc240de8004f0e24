/** Names of dimensions and their numbers in the file. */
import type { DimensionFilter } from "./answer-groups.ts";
import type { RollupStatements } from "./rollup-statements.ts";
import type { RollupQuestion } from "./types.ts";

/** A filter with string numbers instead of names. */
export function numbersOfFilter(statements: RollupStatements, filter: RollupQuestion["filter"]): DimensionFilter {
  return {
    productId: numbersOf(statements, filter.products),
    projectId: numbersOf(statements, filter.projects),
    agentId: numbersOf(statements, filter.agents),
    modelId: numbersOf(statements, filter.models),
  };
}

/** Numbers of names; names that are not known have none. */
function numbersOf(
  statements: RollupStatements,
  names: readonly string[] | undefined,
): ReadonlySet<number> | undefined {
  if (names === undefined) return undefined;
  return new Set(names.map((name) => (name === "" ? 0 : (statements.numberOf.get(name) ?? -1))));
}

/** Hundreds of groups share a few names. */
export function createNames({ nameOf, keptNames }: RollupStatements): (id: number) => string {
  const names = keptNames ?? new Map<number, string>();
  return (id) => {
    if (id === 0) return "";
    let name = names.get(id);
    if (name === undefined) {
      name = nameOf.get(id) ?? "";
      names.set(id, name);
    }
    return name;
  };
}
