/** The whole dashboard: what the store answers, and what becomes of it. */
import { budgetReport, watchSettings } from "../budgets/budget-report.ts";
import type { BudgetReport } from "../budgets/types.ts";
import { atMoment } from "../budgets/windows.ts";
import { agentsSection } from "./agents.ts";
import { alertsSection } from "./alerts.ts";
import { createPeriodUsage } from "./period-usage.ts";
import { type DashboardQuestion, type DashboardSource, rangesOf } from "./question.ts";
import { queueSection } from "./queue.ts";
import { type ResourceFigures, resourceFigures, resourcesSection } from "./resources.ts";
import { summarySection } from "./summary.ts";
import { trendsSection } from "./trends.ts";
import type { AgentsSection, Dashboard, QueueSection, Readings, SummarySection, TrendsSection } from "./types.ts";
import { readWatched, type WatchedAnswers } from "./watched.ts";

/** What is read where there is nothing to read. */
export const NO_READINGS: Readings = { store: null, receiver: null, dashboard: null };

/** What the store answers. The queue changes with every call; the rest is about a period or a day, and may be older. */
export interface DashboardAnswers {
  readonly queue: QueueSection;
  readonly summary: SummarySection;
  readonly agents: AgentsSection;
  readonly trends: TrendsSection;
  readonly budgets: BudgetReport;
  readonly figures: ResourceFigures;
  readonly watched: WatchedAnswers;
}

/** Asks the store for everything, or for everything but what is watched. */
export function readDashboard(
  source: DashboardSource,
  question: DashboardQuestion,
  watched: WatchedAnswers = readWatched(source, question),
): DashboardAnswers {
  const queue = queueSection(source, question);
  const usageOf = createPeriodUsage(source, question);
  return {
    queue,
    summary: summarySection(source, question, usageOf),
    agents: agentsSection(source, question),
    trends: trendsSection(usageOf, question),
    budgets: readBudgets(source, question),
    figures: resourceFigures(source, question, queue),
    watched,
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
  const { queue, summary, agents, trends, figures, watched } = answers;
  const budgets = { ...answers.budgets, tokenWarnings: watched.tokenWarnings };
  const { calendar, nowMillis, period } = question;
  const resources = resourcesSection(question, { budgets, figures, readings });
  const { from, to } = rangesOf(question);
  return {
    at: new Date(nowMillis).toISOString(),
    timeZone: calendar.timeZone,
    period: { name: period, from, to },
    ...{ summary, agents, queue, resources, trends },
    alerts: alertsSection({ summary, queue, resources, budgets, telemetry: watched.telemetry }),
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

function readBudgets(
  source: DashboardSource,
  { calendar, nowMillis, filter, config, weekStart }: DashboardQuestion,
): BudgetReport {
  const settings = watchSettings(config);
  const isNarrowed = Object.values(filter).some((names) => names !== undefined);
  return budgetReport(source, {
    ...settings,
    // Budgets have filters of their own.
    budgets: isNarrowed ? [] : settings.budgets,
    // Sessions and tasks that used many tokens are watched apart.
    warnThreshold: 0,
    ...{ calendar, weekStart, range: atMoment(nowMillis) },
  });
}
