/** Which facts a budget is about. Pure. */
import { basename, isAbsolute, sep } from "node:path";
import type { BudgetConfig } from "@moai-metrics/settings";

/** Names of a group or row; what is absent was not asked for and matches. */
interface Names {
  readonly product?: string;
  readonly project?: string;
  readonly agent?: string;
  readonly model?: string;
}

/** Whether everything that the budget filters by matches. */
export function concerns(budget: BudgetConfig, names: Names): boolean {
  return (
    matches(budget.product, names.product) &&
    matches(budget.agent, names.agent) &&
    matches(budget.model, names.model) &&
    (budget.project === undefined || names.project === undefined || isOfProject(budget.project, names.project))
  );
}

function matches(wanted: string | undefined, name: string | undefined): boolean {
  return wanted === undefined || name === undefined || wanted === name;
}

/** A path means itself and what lies in it, a name every folder that is called so. */
function isOfProject(wanted: string, project: string): boolean {
  if (!isAbsolute(wanted)) return basename(project) === wanted;
  return project === wanted || project.startsWith(wanted.endsWith(sep) ? wanted : wanted + sep);
}
