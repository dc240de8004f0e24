/** `agent_metrics`: every agent over a period. */
import type { ZoneCalendar } from "@moai-metrics/model";
import type { LedgerFilter, LedgerReader, UsageGroup } from "@moai-metrics/store";
import { compareNames, nameOrUnknown, taskFields, usageFields } from "../fields.ts";
import { sumMeasures } from "../measures.ts";
import { costKeys } from "./cost-keys.ts";
import { roundTo2 } from "./rounding.ts";
import type { AgentMetrics, AgentMetricsDocument } from "./types.ts";

/** What the document is about. */
export interface AgentMetricsQuestion {
  /** With the range that the period is; without one, all that the ledger knows. */
  readonly filter: LedgerFilter;
  readonly calendar: ZoneCalendar;
  /** One entry per agent, or one for all of them. Default true. */
  readonly isByAgent?: boolean | undefined;
}

/** The name of the one entry for all agents. */
const ALL_AGENTS = "all";

/** Agents with tasks or calls, in order of their names. */
export function agentMetricsDocument(
  ledger: Pick<LedgerReader, "usage" | "span">,
  { filter, calendar, isByAgent = true }: AgentMetricsQuestion,
): AgentMetricsDocument {
  const range = filter.range ?? ledger.span();
  if (range === undefined) return { agent_metrics: {} };
  const period = `${calendar.dateOf(range.startMillis)} to ${calendar.dateOf(range.endMillis - 1)}`;
  const groups = ledger.usage({ ...filter, by: ["agent"] });
  const entries = isByAgent
    ? groups.map((group): [string, AgentMetrics] => [nameOrUnknown(group.agent ?? ""), metricsOf([group], period)])
    : [[ALL_AGENTS, metricsOf(groups, period)] as const];
  return { agent_metrics: Object.fromEntries(entries.toSorted(([a], [b]) => compareNames(a, b))) };
}

function metricsOf(groups: readonly UsageGroup[], period: string): AgentMetrics {
  const measures = sumMeasures(groups);
  const { tasksCompleted, successRate, averageDurationMs } = taskFields(measures);
  const fields = usageFields(measures);
  return {
    tasks_completed: tasksCompleted,
    success_rate: roundTo2(successRate),
    avg_duration_ms: averageDurationMs,
    total_tokens: fields.totalTokens,
    period,
    ...costKeys(fields),
  };
}
