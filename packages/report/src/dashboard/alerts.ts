/** The section Alerts: what someone should know, the worst first. Pure. */
import { type Alert, alertsOf } from "../budgets/alerts.ts";
import type { BudgetReport } from "../budgets/types.ts";
import { formatCount, formatDuration, formatPercent } from "../render/numbers.ts";
import { toPlainText } from "../render/plain-text.ts";
import type { DashboardAlert, Level, QueueSection, ResourcesSection, SummarySection } from "./types.ts";

/** What is looked at. */
export interface AlertsInput {
  readonly summary: SummarySection;
  readonly queue: QueueSection;
  readonly resources: ResourcesSection;
  readonly budgets: BudgetReport;
  /** Agents whose telemetry stopped or tells less. */
  readonly telemetry: readonly Alert[];
}

/** Every alert there is. */
export function alertsSection({ summary, queue, resources, budgets, telemetry }: AlertsInput): DashboardAlert[] {
  const alerts = [
    ...summaryAlerts(summary),
    ...queueAlerts(queue),
    ...resourceAlerts(resources),
    ...[...alertsOf(budgets), ...telemetry].map(({ kind, state, message, next }): DashboardAlert => {
      return { kind, level: state === "exceeded" ? "critical" : "warning", message, next };
    }),
  ];
  return alerts.toSorted((a, b) => Number(b.level === "critical") - Number(a.level === "critical"));
}

function alertWhen(level: Level | null, alert: Omit<DashboardAlert, "level">): DashboardAlert[] {
  return level === null || level === "ok" ? [] : [{ ...alert, level }];
}

function summaryAlerts({ successRate, p99DurationMs, tasksCompleted }: SummarySection): DashboardAlert[] {
  return [
    ...alertWhen(successRate.level, {
      kind: "success_rate",
      message: `Success rate is ${formatPercent(successRate.value ?? 0)} of ${formatCount(tasksCompleted ?? 0)} tasks.`,
      next: "moai-metrics agent",
    }),
    ...alertWhen(p99DurationMs.level, {
      kind: "latency",
      message: `1 of 100 tasks took ${formatDuration(p99DurationMs.value ?? 0)} or longer.`,
      next: "moai-metrics task --sort durationMs",
    }),
  ];
}

function queueAlerts(queue: QueueSection): DashboardAlert[] {
  const silent = queue.tasks.toSorted((a, b) => b.silentMs - a.silentMs)[0];
  const others =
    queue.tasks.filter(({ silentMs }) => silent !== undefined && silentMs * 2 > silent.silentMs).length - 1;
  return [
    ...alertWhen(queue.lengthLevel, {
      kind: "queue_length",
      message: `${formatCount(queue.length)} tasks run at the same time.`,
      next: "moai-metrics dashboard, section Queue",
    }),
    ...alertWhen(queue.ageLevel, {
      kind: "queue_age",
      message: `The oldest running task is ${formatDuration(queue.oldestAgeMs ?? 0)} old.`,
      next: `moai-metrics report task ${toPlainText(queue.tasks[0]?.taskId ?? "")}`,
    }),
    ...alertWhen(queue.silenceLevel, {
      kind: "telemetry_gap",
      message:
        `Nothing was heard of task ${toPlainText(silent?.taskId ?? "")} (${toPlainText(silent?.agent ?? "")}) for ` +
        `${formatDuration(queue.longestSilenceMs ?? 0)}${others > 0 ? `, nor of ${others} others for half as long` : ""}: ` +
        "it waits for someone, or its telemetry has stopped.",
      next: `moai-metrics session ${toPlainText(silent?.sessionId ?? "")}`,
    }),
  ];
}

function resourceAlerts({ receiver, receiverLevel, contexts }: ResourcesSection): DashboardAlert[] {
  const full = contexts[0];
  const state = receiver?.state;
  return [
    ...alertWhen(receiverLevel, {
      kind: "receiver",
      message:
        state === "cannot write"
          ? "The receiver cannot write: senders are told to wait."
          : state === "unreachable"
            ? "The receiver is announced and does not answer."
            : `The receiver's event loop is busy for ${formatPercent(receiver?.busyShare ?? 0)} of the time.`,
      next: state === "running" ? "send larger batches, less often" : "look at the output of moai-metrics serve",
    }),
    ...alertWhen(full?.level ?? null, {
      kind: "context",
      message:
        `The context of ${toPlainText(full?.agent ?? "")} holds ${formatCount(full?.tokens ?? 0)} of ` +
        `${formatCount(full?.windowTokens ?? 0)} tokens.`,
      next: `moai-metrics session ${toPlainText(full?.sessionId ?? "")}`,
    }),
  ];
}
