/** What a project may say for those who work in it. Pure. */
import { resolve } from "node:path";
import type { MetricsBlock } from "./schema.ts";

/**
 * The block of a project's file, as it holds. Where alerts and metrics are sent is for the user to say, and who is told
 * apart by whom: a repository that was only cloned must not be told what someone does.
 */
export function blockOfProject(
  { alerts: _users, forward: _too, labels: _also, ...block }: MetricsBlock,
  folder: string,
): MetricsBlock {
  return withBudgetPaths(block, folder);
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
