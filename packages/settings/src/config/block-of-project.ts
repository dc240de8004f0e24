/** What a project may say for those who work in it. Pure. */
import { resolve } from "node:path";
import type { MetricsBlock } from "./schema.ts";

/**
 * What only the user's own file is asked for. Where alerts and metrics are sent is for the user to say, and who is told
 * apart by whom: a repository that was only cloned must not be told what someone does. And the store is one for all
 * projects: none of them may say how long the history of the others is kept.
 */
export const USERS_OWN: readonly string[] = [
  "alerts",
  "forward",
  "labels",
  "retention",
  "compression",
] satisfies (keyof MetricsBlock)[];

/** The block of a project's file, as it holds: without {@link USERS_OWN}. */
export function blockOfProject(block: MetricsBlock, folder: string): MetricsBlock {
  const entries = Object.entries(block).filter(([key]) => !USERS_OWN.includes(key));
  return withBudgetPaths(Object.fromEntries(entries) as MetricsBlock, folder);
}

/** The block with `project` of its budgets, which may be a path such as `.`, taken from a folder. */
export function withBudgetPaths(block: MetricsBlock, folder: string): MetricsBlock {
  if (block.budgets === undefined) return block;
  return {
    ...block,
    budgets: block.budgets.map((budget) =>
      isRelative(budget.project) ? { ...budget, project: resolve(folder, budget.project) } : budget,
    ),
  };
}

/** Budgets that name a folder relative to nothing: what only a project's file can say. */
export function budgetsWithoutPlace({
  budgets = [],
}: MetricsBlock): { readonly index: number; readonly path: string }[] {
  return budgets.flatMap(({ project }, index) => (isRelative(project) ? [{ index, path: project }] : []));
}

function isRelative(project: string | undefined): project is string {
  return project?.startsWith(".") === true;
}
