/** Turns the flags that choose facts into a filter, by what the ledger knows. */
import { basename, isAbsolute, resolve, sep } from "node:path";
import { toPlainText } from "@moai-metrics/report";
import type { Dimension, LedgerFilter, LedgerReader } from "@moai-metrics/store";
import type { FilterFlags } from "./declare.ts";

/** A filter, and what the user should know about it. */
export interface ResolvedFilter {
  readonly filter: Omit<LedgerFilter, "range">;
  /** Names that match nothing, with what could have been meant. */
  readonly warnings: readonly string[];
}

const MAX_KNOWN_NAMES = 8;

/**
 * Finds the names that flags mean. A project is meant by its path, by a folder that holds it or lies in it, or by
 * its base name; everything else by its name, or else by a part of it; "" means what is not known. What matches nothing
 * stays in the filter, so that the answer is empty rather than about everything.
 */
export function resolveFilter(
  flags: FilterFlags,
  ledger: Pick<LedgerReader, "usage" | "measuredProjects">,
  workingFolder: string,
): ResolvedFilter {
  const warnings: string[] = [];
  const find = (
    dimension: Dimension,
    wanted: readonly string[] | undefined,
    match: (name: string, known: readonly string[]) => readonly string[],
  ): readonly string[] | undefined => {
    if (wanted === undefined) return undefined;
    const used = ledger.usage({ by: [dimension] }).flatMap((group) => group[dimension] || []);
    // Of some projects nothing is known but how good their code is.
    const known = dimension === "project" ? [...new Set([...used, ...ledger.measuredProjects()])] : used;
    return wanted.flatMap((name) => {
      if (name === "") return [name];
      const found = match(name, known);
      if (found.length > 0) return found;
      warnings.push(`No ${dimension} matches "${toPlainText(name)}". ${knownNames(known)}`);
      return [name];
    });
  };
  const filter = {
    products: find("product", flags.product, matchNames),
    projects: find("project", flags.project, (name, known) => matchProjects(name, known, workingFolder)),
    agents: find("agent", flags.agent, matchNames),
    models: find("model", flags.model, matchNames),
  };
  return { filter, warnings };
}

/** The name itself, else every name that contains it, whatever the case. */
export function matchNames(wanted: string, known: readonly string[]): readonly string[] {
  if (known.includes(wanted)) return [wanted];
  const part = wanted.toLowerCase();
  return known.filter((name) => name.toLowerCase().includes(part));
}

/**
 * Projects by path or base name. A path means itself and what lies in it; when nothing does, the nearest project
 * around it.
 */
export function matchProjects(wanted: string, known: readonly string[], workingFolder: string): readonly string[] {
  const isPath = wanted === "." || wanted === ".." || isAbsolute(wanted) || wanted.includes(sep);
  if (!isPath) return known.filter((project) => project === wanted || basename(project) === wanted);
  const folder = resolve(workingFolder, wanted);
  const inside = known.filter((project) => isInside(project, folder));
  if (inside.length > 0) return inside;
  const around = known.filter((project) => isInside(folder, project));
  return around.toSorted((a, b) => b.length - a.length).slice(0, 1);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function knownNames(known: readonly string[]): string {
  if (known.length === 0) return "Nothing is stored yet.";
  const more = known.length - MAX_KNOWN_NAMES;
  return `Known: ${known.toSorted().slice(0, MAX_KNOWN_NAMES).map(toPlainText).join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}
