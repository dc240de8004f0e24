/** What a project may say for those who work in it. Pure. */
import { resolve } from "node:path";
import type { MetricsBlock } from "./schema.ts";

/**
 * The block of a project's file, as it holds: `project` of a budget may be a path relative to the project, such as `.`.
 * Where alerts are sent is for the user to say: a repository that was only cloned must not be told what someone does.
 */
export function blockOfProject({ alerts: _users, ...block }: MetricsBlock, folder: string): MetricsBlock {
  if (block.budgets === undefined) return block;
  return {
    ...block,
    budgets: block.budgets.map((budget) =>
      budget.project?.startsWith(".") === true ? { ...budget, project: resolve(folder, budget.project) } : budget,
    ),
  };
}
