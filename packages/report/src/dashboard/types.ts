/**
 * What the dashboard shows, as plain objects: one for each section. Times are ISO 8601, UTC; durations milliseconds;
 * rates and shares go from 0 to 1; costs are US dollars; what is not known is `null`.
 */
import type { Dimension } from "@moai-metrics/store";
import type { BudgetState, LimitName } from "../budgets/types.ts";

/** Stretches that end now: today, or so many days with today as the last. */
export const DASHBOARD_PERIODS = ["today", "7d", "30d", "90d"] as const;
export type DashboardPeriod = (typeof DASHBOARD_PERIODS)[number];

/** How long a bar of the trends is. */
export const TREND_UNITS = ["hour", "day", "week"] as const;
export type TrendUnit = (typeof TREND_UNITS)[number];

/** How something stands beside its thresholds. */
export type Level = "ok" | "warning" | "critical";

/** A figure of a period against the stretch before. */
export interface SummaryFigure {
  readonly value: number | null;
  readonly previous: number | null;
  /** Relative (0.1 = 10 % more); of a success rate the difference of the two. */
  readonly change: number | null;
  /** `null` where there is nothing to judge. */
  readonly level: Level | null;
  /** By the hour of a day, else by the day, oldest first; where nothing is known, `null`. */
  readonly series: readonly (number | null)[];
}

/** The period at a glance. */
export interface SummarySection {
  readonly tasksCompleted: number | null;
  readonly totalTokens: number;
  readonly successRate: SummaryFigure;
  readonly averageDurationMs: SummaryFigure;
  readonly p95DurationMs: SummaryFigure;
  readonly p99DurationMs: SummaryFigure;
  /** Tokens by the number of days that the period has had so far. */
  readonly tokensPerDay: SummaryFigure;
  readonly totalCost: SummaryFigure;
  /** Calls with tokens and without a price: they are in no cost. */
  readonly unpricedCalls: number;
}

/** One agent, or whatever rows are about. */
export interface AgentLine {
  readonly name: string;
  /** Success + failure + timeout; models have no tasks of their own. */
  readonly tasksCompleted: number;
  readonly successRate: number | null;
  readonly averageDurationMs: number | null;
  readonly calls: number;
  readonly totalTokens: number;
  readonly totalCost: number | null;
  readonly level: Level | null;
}

/** The period by agent, model, project or product; most tokens first. */
export interface AgentsSection {
  readonly groupBy: Dimension;
  readonly rows: readonly AgentLine[];
}

/** A task that runs. */
export interface RunningTask {
  readonly taskId: string;
  readonly sessionId: string;
  readonly product: string;
  readonly agent: string;
  readonly project: string;
  readonly startedAt: string;
  readonly ageMs: number;
  /** Time since its last sign of life. */
  readonly silentMs: number;
  /** Answered model calls so far. */
  readonly calls: number;
  /** Of its own calls so far. */
  readonly totalTokens: number;
  readonly totalCost: number | null;
  readonly level: Level;
}

/** A session that has not ended and was seen in the last half hour. */
export interface OpenSession {
  readonly sessionId: string;
  readonly product: string;
  readonly project: string;
  readonly startedAt: string;
  readonly lastSeenAt: string;
  /** `null` where the settings hide them. */
  readonly totalTokens: number | null;
  readonly totalCost: number | null;
}

/** A model call that was answered or failed a moment ago. */
export interface RecentCall {
  readonly endedAt: string;
  readonly sessionId: string;
  readonly taskId: string | null;
  readonly agent: string;
  readonly project: string;
  readonly model: string;
  readonly durationMs: number | null;
  readonly totalTokens: number | null;
  readonly totalCost: number | null;
  readonly errorType: string | null;
}

/** What runs now. */
export interface QueueSection {
  /** Tasks that run. */
  readonly length: number;
  readonly lengthLevel: Level;
  readonly oldestAgeMs: number | null;
  readonly ageLevel: Level | null;
  readonly longestSilenceMs: number | null;
  readonly silenceLevel: Level | null;
  /** Oldest first. */
  readonly tasks: readonly RunningTask[];
  /** Seen last first. */
  readonly sessions: readonly OpenSession[];
  /** Newest first. */
  readonly recentCalls: readonly RecentCall[];
}

/** A limit of a budget: the one of which most is used up. */
export interface BudgetUse {
  readonly name: string;
  /** Whom it is for: a session, task, agent, project or period. */
  readonly subject: string;
  readonly limit: LimitName;
  readonly used: number | null;
  readonly allowed: number;
  readonly share: number | null;
  readonly state: BudgetState;
}

/** How full a model's context was after the newest call of an agent in an open session. */
export interface ContextUse {
  readonly sessionId: string;
  readonly agent: string;
  readonly model: string;
  readonly tokens: number;
  /** Tokens that the model takes, as the price list says; `null` where it does not. */
  readonly windowTokens: number | null;
  readonly share: number | null;
  readonly level: Level | null;
}

/** What a process says of itself. */
export interface ProcessReading {
  readonly residentBytes: number | null;
  /** Share of the time since the last reading, at first since it began, that its event loop was busy. */
  readonly busyShare: number | null;
}

/** What the receiver says of itself. */
export interface ReceiverReading extends ProcessReading {
  /** `unreachable`: it is announced and does not answer. */
  readonly state: "not running" | "running" | "cannot write" | "unreachable";
  readonly url: string | null;
  /** Data points, log records and spans a second since the last reading, at first since it began. */
  readonly itemsPerSecond: number | null;
  readonly waitingRequests: number | null;
}

/** Sizes of the store's files. */
export interface StoreReading {
  readonly fileBytes: number;
  readonly logBytes: number;
}

/** What is read elsewhere than in the store. */
export interface Readings {
  readonly store: StoreReading | null;
  /** `null`: nobody asked. */
  readonly receiver: ReceiverReading | null;
  /** The dashboard itself; `null` where it does not stay. */
  readonly dashboard: ProcessReading | null;
}

/** What is used up, and by whom. */
export interface ResourcesSection extends Readings {
  readonly receiverLevel: Level | null;
  /** The worst first. */
  readonly budgets: readonly BudgetUse[];
  readonly tokensToday: number;
  readonly costToday: number | null;
  /** The fullest first; those with an unknown window last. */
  readonly contexts: readonly ContextUse[];
}

/** One hour, day or week. */
export interface TrendBucket {
  /** `2026-11-22T08:00` (the zone's clock), `2026-11-22`, `2026-W47`. */
  readonly label: string;
  readonly startsAt: string;
  readonly totalTokens: number;
  readonly totalCost: number | null;
  readonly tasksCompleted: number;
  readonly averageDurationMs: number | null;
}

/** How it went, oldest first. */
export interface TrendsSection {
  readonly unit: TrendUnit;
  readonly buckets: readonly TrendBucket[];
}

/** What something is the matter with. */
type AlertKind =
  | ("success_rate" | "latency" | "queue_length" | "queue_age" | "telemetry_gap" | "receiver" | "context")
  | ("budget" | "tokens" | "unpriced" | "telemetry");

/** Something that someone should know. */
export interface DashboardAlert {
  readonly kind: AlertKind;
  readonly level: Exclude<Level, "ok">;
  readonly message: string;
  /** A command that shows more, or what to change. */
  readonly next: string;
}

/** The whole dashboard. */
export interface Dashboard {
  readonly at: string;
  readonly timeZone: string;
  readonly period: {
    readonly name: DashboardPeriod;
    /** First and last day, inclusive. */
    readonly from: string;
    readonly to: string;
  };
  readonly summary: SummarySection;
  readonly agents: AgentsSection;
  readonly queue: QueueSection;
  readonly resources: ResourcesSection;
  readonly trends: TrendsSection;
  /** Critical ones first. */
  readonly alerts: readonly DashboardAlert[];
}
