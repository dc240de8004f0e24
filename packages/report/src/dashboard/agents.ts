/** The section Agents: who did how much, how well, how fast, for how much. */
import type { UsageGroup } from "@moai-metrics/store";
import { compareNames, nameOrUnknown, taskFields, usageFields } from "../fields.ts";
import { levelFromAbove, MIN_JUDGED_TASKS } from "./levels.ts";
import { type DashboardQuestion, type DashboardSource, rangesOf, thresholdsOf } from "./question.ts";
import type { AgentLine, AgentsSection } from "./types.ts";

/** One question to the rollups. */
export function agentsSection({ ledger }: DashboardSource, question: DashboardQuestion): AgentsSection {
  const { filter, groupBy } = question;
  const groups = ledger.usage({ ...filter, range: rangesOf(question).current, by: [groupBy] });
  return {
    groupBy,
    rows: groups
      // Tasks and tool calls have no model: among models they would be a row about nothing.
      .filter((group) => groupBy !== "model" || group.calls > 0 || group.callErrors > 0)
      .map((group) => lineOf(group, question))
      .toSorted((a, b) => b.totalTokens - a.totalTokens || compareNames(a.name, b.name)),
  };
}

function lineOf(group: UsageGroup, question: DashboardQuestion): AgentLine {
  const { calls, totalTokens, totalCost } = usageFields(group);
  const { tasksCompleted, successRate, averageDurationMs } = taskFields(group);
  return {
    name: nameOrUnknown(group[question.groupBy] ?? ""),
    tasksCompleted,
    successRate,
    averageDurationMs: question.config.tasks.showsDuration ? averageDurationMs : null,
    calls,
    totalTokens,
    totalCost,
    level: tasksCompleted < MIN_JUDGED_TASKS ? null : levelFromAbove(successRate, thresholdsOf(question).successRate),
  };
}
