/** The whole dashboard: what the store answers, and what becomes of it. */
import type { Alert } from "../budgets/alerts.ts";
import { budgetReport, watchSettings } from "../budgets/budget-report.ts";
import type { BudgetReport } from "../budgets/types.ts";
import { atMoment } from "../budgets/windows.ts";
import { telemetryAlerts } from "../telemetry/telemetry-alerts.ts";
import { agentsSection } from "./agents.ts";
import { alertsSection } from "./alerts.ts";
import { type DashboardQuestion, type DashboardSource, rangesOf } from "./question.ts";
import { queueSection } from "./queue.ts";
import { type ResourceFigures, resourceFigures, resourcesSection } from "./resources.ts";
import { summarySection } from "./summary.ts";
import { trendsSection } from "./trends.ts";
import type { AgentsSection, Dashboard, QueueSection, Readings, SummarySection, TrendsSection } from "./types.ts";

/** What is read where there is nothing to read. */
export const NO_READINGS: Readings = { store: null, receiver: null, dashboard: null };

/** What the store answers. The queue changes with every call; the rest is about a period and may be older. */
export interface DashboardAnswers {
  readonly queue: QueueSection;
  readonly summary: SummarySection;
  readonly agents: AgentsSection;
  readonly trends: TrendsSection;
  readonly budgets: BudgetReport;
  readonly figures: ResourceFigures;
  readonly telemetry: readonly Alert[];
}

/** Asks the store for everything. */
export function readDashboard(source: DashboardSource, question: DashboardQuestion): DashboardAnswers {
  const queue = queueSection(source, question);
  return {
    queue,
    summary: summarySection(source, question),
    agents: agentsSection(source, question),
    trends: trendsSection(source, question),
    budgets: readBudgets(source, question),
    figures: resourceFigures(source, question, queue),
    telemetry: readTelemetry(source, question),
  };
}

/** Asks the store for what runs now, and keeps the rest. */
export function readQueue(
  source: DashboardSource,
  question: DashboardQuestion,
  before: DashboardAnswers,
): DashboardAnswers {
  return { ...before, queue: queueSection(source, question) };
}

/** The dashboard that answers and readings make. Pure. */
export function toDashboard(answers: DashboardAnswers, question: DashboardQuestion, readings: Readings): Dashboard {
  const { queue, summary, agents, trends, budgets, figures, telemetry } = answers;
  const { calendar, nowMillis, period } = question;
  const resources = resourcesSection(question, { budgets, figures, readings });
  const { from, to } = rangesOf(question);
  return {
    at: new Date(nowMillis).toISOString(),
    timeZone: calendar.timeZone,
    period: { name: period, from, to },
    ...{ summary, agents, queue, resources, trends },
    alerts: alertsSection({ summary, queue, resources, budgets, telemetry }),
  };
}

/** The same at once. */
export function dashboardReport(
  source: DashboardSource,
  question: DashboardQuestion,
  readings: Readings = NO_READINGS,
): Dashboard {
  return toDashboard(readDashboard(source, question), question, readings);
}

/** Of the products that are looked at: telemetry is a product's as a whole. */
function readTelemetry({ ledger }: DashboardSource, { filter, nowMillis }: DashboardQuestion): Alert[] {
  return telemetryAlerts(ledger, nowMillis).filter(({ subject }) => filter.products?.includes(subject ?? "") ?? true);
}

function readBudgets(
  source: DashboardSource,
  { calendar, nowMillis, filter, config, weekStart }: DashboardQuestion,
): BudgetReport {
  const { models, ...named } = filter;
  const settings = watchSettings(config);
  const isNarrowed = Object.values(filter).some((names) => names !== undefined);
  return budgetReport(source, {
    ...settings,
    // Budgets have filters of their own; tokens have a model, those who used them do not.
    budgets: isNarrowed ? [] : settings.budgets,
    warnThreshold: models === undefined ? settings.warnThreshold : 0,
    ...{ calendar, weekStart, range: atMoment(nowMillis), filter: named },
  });
}
