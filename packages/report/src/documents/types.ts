/**
 * The documents of PRD-08, with its keys to the letter; keys of ours stand beside them. Rates are rounded to two
 * decimals and hours to two, as the PRD writes them; exact values are in the row commands.
 */
import type { CalendarDate, PeriodUnit, QualityMeasure } from "@moai-metrics/model";
import type { BudgetScope } from "@moai-metrics/settings";
import type { BudgetState } from "../budgets/types.ts";
import type { CostChange } from "./cost-change.ts";
import type { CostKeys } from "./cost-keys.ts";

/** `token_usage` (PRD task 1.2): the tokens of one session. */
export interface TokenUsageDocument {
  readonly token_usage: {
    readonly session_id: string;
    readonly total_tokens: number;
    /** prompt = input + cache reads + cache writes; completion = output; undivided: a hook told no more than the sum. */
    readonly by_category: { readonly prompt: number; readonly completion: number; readonly undivided?: number };
    /** Tokens of each task's own calls. */
    readonly by_task: Readonly<Record<string, number>>;
    readonly product: string;
    readonly project: string;
    /** Tokens of calls that belong to no task. */
    readonly without_task: number;
  } & CostKeys;
}

/** `task_metrics` (PRD task 2.2): one task. */
export interface TaskMetricsDocument {
  readonly task_metrics: {
    /** The agent's own id, or what a hook called the task. */
    readonly task_id: string;
    /** The id in the ledger, which is unique. */
    readonly key: string;
    readonly agent: string;
    readonly started_at: string;
    /** `null` while the task runs. */
    readonly ended_at: string | null;
    readonly duration_ms: number;
    readonly result: string;
    readonly tokens_used: number;
    /** Who told the tokens: `calls`, `reported by hook`, or no one. */
    readonly tokens_origin: "calls" | "reported by hook" | null;
    readonly files_created: number;
    readonly files_modified: number;
    readonly files_deleted: number;
    readonly session_id: string;
    readonly project: string;
    readonly result_origin: string | null;
    readonly error_type: string | null;
  } & CostKeys;
}

/** One agent of {@link AgentMetricsDocument}. */
export interface AgentMetrics extends CostKeys {
  /** success + failure + timeout. */
  readonly tasks_completed: number;
  /** success / tasks_completed; `null` when none completed. */
  readonly success_rate: number | null;
  readonly avg_duration_ms: number | null;
  readonly total_tokens: number;
  /** First and last local day, both inclusive. */
  readonly period: string;
}

/** `agent_metrics` (PRD task 3.2): every agent over a period. */
export interface AgentMetricsDocument {
  readonly agent_metrics: Readonly<Record<string, AgentMetrics>>;
}

/** What a period report says of a stretch of time. */
export interface PeriodSummary extends CostKeys {
  /** Sessions with activity in it; `null` where the answer comes from Prometheus, which knows none. */
  readonly sessions: number | null;
  /** Active time of those sessions inside it; `null` likewise. */
  readonly total_duration_hours: number | null;
  readonly tasks_completed: number;
  readonly success_rate: number | null;
  readonly tokens_used: number;
}

/** What a period report says of an agent. */
export interface PeriodAgent extends CostKeys {
  readonly tasks: number;
  readonly success_rate: number | null;
  readonly avg_duration_s: number | null;
  readonly tokens_used: number;
}

/** How a period differs from the one before. `null` where the one before has nothing to compare with. */
export interface PeriodTrends {
  /** Signed percentage points, such as `+5%`. */
  readonly success_rate_change: string | null;
  /** Relative change of successful tasks per million tokens, such as `+12%`. */
  readonly efficiency_change: string | null;
}

/** What a period report says of one thing that was measured of a project. */
interface PeriodQuality {
  readonly project: string;
  readonly measure: QualityMeasure;
  readonly benchmark: string | null;
  readonly tool: string | null;
  /** The last score of the period: from 0 to 1, of a benchmark any number. */
  readonly score: number;
  /** Covered lines, or files without errors; `null` where only the score was told. */
  readonly good: number | null;
  readonly total: number | null;
  readonly measured_at: string;
  /** Against what was measured last before the period; `null` for the first of all. */
  readonly change: number | null;
}

/** What daily, weekly and monthly reports have in common. */
export interface PeriodReport {
  /** Of a daily report. */
  readonly date?: CalendarDate;
  /** Of a weekly report: `2025-W48`. */
  readonly week?: string;
  /** Of a monthly report: `2025-11`. */
  readonly month?: string;
  /** First and last day, inclusive, of weekly and monthly reports. */
  readonly from?: CalendarDate;
  readonly to?: CalendarDate;
  readonly time_zone: string;
  readonly summary: PeriodSummary;
  readonly by_agent: Readonly<Record<string, PeriodAgent>>;
  /** Of weekly and monthly reports: each day. */
  readonly by_day?: readonly ({ readonly date: CalendarDate } & PeriodSummary)[];
  readonly trends: PeriodTrends;
  /** Where it is asked for: why the cost differs from that of the period before. */
  readonly cost_change?: CostChange;
  /** Absent where nothing was measured in the period. */
  readonly quality?: readonly PeriodQuality[];
  /** Where there are budgets: how each stood at the end of the period. */
  readonly budgets?: readonly PeriodBudget[];
}

/** What a period report says of a budget. */
interface PeriodBudget {
  readonly name: string;
  readonly per: BudgetScope;
  readonly state: BudgetState;
  /** How many sessions, agents, days, … are in each state. */
  readonly counts: Readonly<Record<BudgetState, number>>;
}

/** `{ "daily_report": … }` and its siblings. */
export type PeriodReportDocument = Readonly<Partial<Record<PeriodReportName, PeriodReport>>>;

/** Names of the documents by period. */
export const PERIOD_REPORTS = {
  day: "daily_report",
  week: "weekly_report",
  month: "monthly_report",
} as const satisfies Record<PeriodUnit, string>;
type PeriodReportName = (typeof PERIOD_REPORTS)[PeriodUnit];
