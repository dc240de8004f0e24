/** Where hooks leave their files when they cannot write into the user's spool: in their project, as in a sandbox. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { primaryCheckout } from "@moai-metrics/settings";

/** Below the project's folder. The hook is told nothing of the configuration, so it is always this one. */
const SPOOL = join(".moai", "metrics", "spool");

/**
 * Spools that are there.
 *
 * @param projects folders that are known, each with its own spool or none.
 * @param folder the folder that one stands in: somewhere in a project.
 */
export function projectSpools(projects: readonly string[], folder: string | undefined): string[] {
  const candidates = [...projects.filter((project) => project !== ""), ...(folder === undefined ? [] : around(folder))];
  return [...new Set(candidates.map((project) => join(project, SPOOL)))].filter((spool) => existsSync(spool));
}

/** The folder, those that it lies in up to the checkout, and the primary one of a worktree. */
function around(folder: string): string[] {
  const found: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    found.push(at);
    const primary = primaryCheckout(at);
    if (primary !== undefined) found.push(primary);
    if (at === dirname(at) || existsSync(join(at, ".git"))) return found;
  }
}
