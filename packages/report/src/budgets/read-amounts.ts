/** Asks the store what the things that a budget concerns have used. */
import type { TaskResult, TimeRange } from "@moai-metrics/model";
import type { BudgetConfig } from "@moai-metrics/settings";
import type { CallMeasures, Store, UsageGroup } from "@moai-metrics/store";
import { nameOrUnknown, ratio, taskFields } from "../fields.ts";
import { sumMeasures } from "../measures.ts";
import { concerns } from "./concerns.ts";
import type { Amounts } from "./judge.ts";
import { type BudgetTime, planWindows, type Window } from "./windows.ts";

/** The parts of a store that are asked. */
export type BudgetSource = Pick<Store, "ledger" | "query">;

/** Sums of a window by product, project, agent and model: read once for all budgets. */
export type UsageOfWindow = (window: Window) => readonly UsageGroup[];

/** What to read. */
export interface AmountsQuestion extends BudgetTime {
  /** Of sessions and tasks, only this session and its tasks. */
  readonly sessionId?: string | undefined;
}

/** Reads every window with one question to the rollups. */
export function readUsage({ ledger }: BudgetSource, windows: readonly Window[]): UsageOfWindow {
  const labelOf = ({ unit, label }: Window): string => `${unit} ${label}`;
  const periods = windows.map((window) => ({ ...window, label: labelOf(window) }));
  const groups = Map.groupBy(
    ledger.usage({ periods, by: ["product", "project", "agent", "model"] }),
    ({ period }) => period?.label ?? "",
  );
  return (window) => groups.get(labelOf(window)) ?? [];
}

/** What everything that the budget concerns has used: from the rollups, or of sessions and tasks from the ledger. */
export function readAmounts(
  source: BudgetSource,
  budget: BudgetConfig,
  question: AmountsQuestion,
  usageOf: UsageOfWindow,
): Amounts[] {
  const windows = planWindows(budget.window, question);
  // A period that has not begun.
  if (windows.length === 0) return [];
  if (budget.per === "session") return sessionAmounts(source, budget, question, windows);
  if (budget.per === "task") return taskAmounts(source, budget, question, windows);
  return windows.flatMap((window) => windowAmounts(source, budget, window, usageOf(window)));
}

function windowAmounts(
  source: BudgetSource,
  budget: BudgetConfig,
  window: Window,
  all: readonly UsageGroup[],
): Amounts[] {
  const by = budget.per === "agent" || budget.per === "project" ? budget.per : undefined;
  const groups = all.filter((group) => concerns(budget, group));
  const bySubject = Map.groupBy(groups, (group) => (by === undefined ? "" : (group[by] ?? "")));
  if (by === undefined && groups.length === 0) bySubject.set("", []);
  const p95 = budget.maxP95Seconds === undefined ? undefined : percentiles(source, budget, window, groups, by);
  return [...bySubject].map(([subject, ofSubject]) => {
    const measures = sumMeasures(ofSubject);
    return {
      subject: by === undefined ? window.label : nameOrUnknown(subject),
      period: window.label,
      calls: measures,
      successRate: taskFields(measures).successRate,
      p95Millis: p95?.get(subject) ?? null,
    };
  });
}

/** The 95th percentile of the durations of tasks, by subject. */
function percentiles(
  { query }: BudgetSource,
  budget: BudgetConfig,
  { startMillis, endMillis }: TimeRange,
  groups: readonly UsageGroup[],
  by: "agent" | "project" | undefined,
): Map<string, number | undefined> {
  const { agents, products } = filterOf(budget);
  const projects = budget.project === undefined ? undefined : [...new Set(groups.map(({ project = "" }) => project))];
  const answer = query.percentile({
    measure: "taskDuration",
    percentile: P95,
    range: { startMillis, endMillis },
    agents,
    products,
    projects,
    ...(by !== undefined && { groupBy: [by] }),
  });
  if (by === undefined) return new Map([["", answer.value]]);
  return new Map(answer.groups.map((group) => [group[by] ?? "", group.value]));
}

const P95 = 0.95;

function sessionAmounts(
  { ledger, query }: BudgetSource,
  budget: BudgetConfig,
  { sessionId }: AmountsQuestion,
  windows: readonly Window[],
): Amounts[] {
  const { agents, products, models } = filterOf(budget);
  const narrowed = sessionId === undefined ? undefined : [sessionId];
  const active = query
    .getSessions({ range: around(windows), products, sessionIds: narrowed })
    .rows.filter((row) => concerns(budget, { project: row.project }));
  if (active.length === 0) return [];
  const sessionIds = active.map((row) => row.sessionId);
  const keyOf = (row: { readonly product: string; readonly sessionId: string }): string =>
    `${row.product} ${row.sessionId}`;
  // A row is a whole session; the part of one agent or model has to be added up.
  const wanted = new Set(active.map(keyOf));
  const rows =
    agents === undefined && models === undefined
      ? active
      : ledger.sessions({ sessionIds, products, agents, models }).filter((row) => wanted.has(keyOf(row)));
  const areTasksAsked = budget.minSuccessRate !== undefined || budget.maxP95Seconds !== undefined;
  const tasks = areTasksAsked ? query.getTasks({ sessionIds, products, agents }).rows : [];
  const ended = Map.groupBy(
    tasks.filter(({ result }) => result !== "open"),
    keyOf,
  );
  return rows.map((row) => ({
    subject: row.sessionId,
    period: labelOf(windows),
    calls: row,
    ...taskFigures(ended.get(keyOf(row)) ?? []),
  }));
}

function taskAmounts(
  { ledger, query }: BudgetSource,
  budget: BudgetConfig,
  { sessionId }: AmountsQuestion,
  windows: readonly Window[],
): Amounts[] {
  const { agents, products, models } = filterOf(budget);
  const filter = {
    range: around(windows),
    products,
    agents,
    sessionIds: sessionId === undefined ? undefined : [sessionId],
  };
  const rows: readonly TaskAmounts[] =
    models === undefined ? query.getTasks(filter).rows : ledger.tasks({ ...filter, models });
  return (
    rows
      .filter((row) => concerns(budget, { project: row.project }))
      // Whoever asks about one session asks what may go on: what has ended cannot be stopped.
      .filter(({ result }) => sessionId === undefined || result === "open")
      .map((row) => ({ subject: row.taskId, period: labelOf(windows), calls: row, ...taskFigures([row]) }))
  );
}

interface TaskAmounts extends CallMeasures {
  readonly taskId: string;
  readonly project: string;
  readonly result: TaskResult | "open";
  readonly durationMillis: number;
}

/** By nearest rank, as the store does it. A task that still runs has taken as long as it has until now. */
function taskFigures(
  tasks: readonly Pick<TaskAmounts, "result" | "durationMillis">[],
): Pick<Amounts, "successRate" | "p95Millis"> {
  const countOf = (...results: readonly string[]): number =>
    tasks.filter(({ result }) => results.includes(result)).length;
  const durations = tasks.map(({ durationMillis }) => durationMillis).sort((a, b) => a - b);
  return {
    successRate: ratio(countOf("success"), countOf("success", "failure", "timeout")),
    p95Millis: durations[Math.ceil(P95 * durations.length) - 1] ?? null,
  };
}

function filterOf({ agent, product, model }: BudgetConfig) {
  const listOf = (name: string | undefined) => (name === undefined ? undefined : [name]);
  return { agents: listOf(agent), products: listOf(product), models: listOf(model) };
}

function around(windows: readonly Window[]): TimeRange {
  return {
    startMillis: Math.min(...windows.map(({ startMillis }) => startMillis)),
    endMillis: Math.max(...windows.map(({ endMillis }) => endMillis)),
  };
}

function labelOf(windows: readonly Window[]): string {
  const [first, last] = [windows[0]?.label ?? "", windows.at(-1)?.label ?? ""];
  return first === last ? first : `${first} to ${last}`;
}
