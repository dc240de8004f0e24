/** `budget` and `budget check`. */
import {
  type Alert,
  alertsOf,
  type BudgetReport,
  renderBudgets,
  renderJson,
  toPlainText,
  wrapToWidth,
} from "@moai-metrics/report";
import { userConfigFile } from "@moai-metrics/settings";
import { answer } from "../commands/answer.ts";
import type { BudgetFlags } from "../commands/budget.ts";
import type { CliContext } from "../context.ts";
import { CheckError } from "../errors.ts";
import type { RangeFlags } from "../flags/declare.ts";
import type { Screen } from "../output/screen.ts";
import { readBudgets } from "./read-budgets.ts";

type Flags = BudgetFlags & Pick<RangeFlags, "startOfWeek">;

/** Shows how every budget stands. */
export async function showBudgets(context: CliContext, flags: Flags): Promise<BudgetReport> {
  let shown: BudgetReport | undefined;
  await answer(context, flags, async (input) => {
    const report = readBudgets(input, { nowMillis: context.now(), weekStart: flags.startOfWeek });
    shown = report;
    if (flags.json) context.write(renderJson({ budget: report }));
    else context.write(`${(await screenOf(context, flags, report, input.screen)).join("\n")}\n`);
  });
  if (shown === undefined) throw new Error("The budgets were not read.");
  return shown;
}

/** The same, for scripts. @throws CheckError when a budget is exceeded. */
export async function checkBudgets(context: CliContext, flags: Flags): Promise<void> {
  const { budgets } = await showBudgets(context, flags);
  const exceeded = budgets.filter(({ state }) => state === "exceeded").map(({ name }) => toPlainText(name));
  if (exceeded.length === 0) return;
  throw new CheckError(
    `${exceeded.length} of ${budgets.length} budgets ${exceeded.length === 1 ? "is" : "are"} exceeded: ` +
      `${exceeded.join(", ")}. Spend less, or raise the limit in ${await configFile(context, flags)}.`,
  );
}

async function screenOf(
  context: CliContext,
  flags: Flags,
  report: BudgetReport,
  { columns, palette }: Screen,
): Promise<string[]> {
  const label = context.dataLabel === undefined ? [] : [palette.warning(context.dataLabel), ""];
  const table = renderBudgets(report, { columns, palette });
  const alerts = alertsOf(report);
  const unknown = report.budgets.some(({ state }) => state === "unknown");
  return [
    ...label,
    ...(table.length === 0 ? await noBudgets(context, flags) : table),
    ...(alerts.length === 0 ? [] : [""]),
    ...alerts.slice(0, MAX_ALERTS).flatMap((alert) => alertLines(alert, columns, palette)),
    ...(alerts.length > MAX_ALERTS ? [`and ${alerts.length - MAX_ALERTS} more in --json`] : []),
    ...(unknown ? ["", ...wrapToWidth(UNKNOWN_NOTE, columns).map(palette.faint)] : []),
  ];
}

/** More than this nobody reads on a screen. */
const MAX_ALERTS = 12;

const UNKNOWN_NOTE =
  "unknown: the limit is not reached by what is known, but some calls have no known price or tokens, or no task has ended yet.";

function alertLines({ state, message, next }: Alert, columns: number, palette: Screen["palette"]): string[] {
  const style = state === "exceeded" ? palette.bad : palette.warning;
  return [...wrapToWidth(message, columns).map(style), palette.faint(`  Next: ${next}`)];
}

async function noBudgets(context: CliContext, flags: Flags): Promise<string[]> {
  const path = await configFile(context, flags);
  const place = path === userConfigFile(context.environment.variables) ? " --user" : "";
  return [
    `No budgets are set in ${path}. Set one:`,
    `  moai-metrics config set budgets '[{"name":"day","per":"day","max_usd":20}]'${place}`,
  ];
}

/** The file that has its say here, or that would be made. */
async function configFile(context: CliContext, flags: Flags): Promise<string> {
  const { layers } = await context.loadConfig(flags);
  const layer = layers.find(({ block }) => block.budgets !== undefined) ?? layers[0];
  return layer?.path ?? userConfigFile(context.environment.variables);
}
