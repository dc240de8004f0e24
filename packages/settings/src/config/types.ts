/**
 * The configuration, resolved: every key has a value, names are ours, units are in the names. How the file spells the
 * keys is in `schema.ts`; what each key does is in docs/configuration.md.
 */

/** Formats of `export`. */
export const EXPORT_FORMATS = ["json", "csv", "prometheus", "openmetrics", "grafana"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What a budget is about: one of each of these has the whole budget to itself. */
export const BUDGET_SCOPES = ["session", "task", "agent", "project", "day", "week", "month"] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** How far back a budget looks. */
export const BUDGET_WINDOWS = ["day", "week", "month"] as const;
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number];

/** What may be used up, or must not be undercut. At least one limit is given. */
export interface BudgetConfig {
  readonly name: string;
  readonly per: BudgetScope;
  /**
   * Of agents and projects, what they did in it counts; of sessions and tasks, those that were active in it are looked
   * at, each as a whole. The period itself for budgets per day, week or month.
   */
  readonly window: BudgetWindow;
  /** Only what these names did; everything when absent. */
  readonly agent?: string | undefined;
  readonly project?: string | undefined;
  readonly product?: string | undefined;
  readonly model?: string | undefined;
  /** Tokens of all parts. */
  readonly maxTokens?: number | undefined;
  readonly maxUsd?: number | undefined;
  /** From 0 to 1. */
  readonly minSuccessRate?: number | undefined;
  /** 95th percentile of the durations of tasks. */
  readonly maxP95Seconds?: number | undefined;
  /** Share of a limit from which there is a warning, from 0 to 1. */
  readonly warnAtShare: number;
}

/** Dollars per million tokens. */
export interface TokenPriceConfig {
  readonly inputUsd: number;
  readonly outputUsd: number;
  /** As `inputUsd` when absent. */
  readonly cacheReadUsd?: number | undefined;
  /** As `inputUsd` when absent. */
  readonly cacheWrite5mUsd?: number | undefined;
  /** As `cacheWrite5mUsd` when absent. */
  readonly cacheWrite1hUsd?: number | undefined;
}

/** What a model costs from a day on. */
export interface PriceConfig extends TokenPriceConfig {
  /** A name, or a pattern in which `*` stands for any characters; a name outranks a pattern. */
  readonly model: string;
  /** First day in UTC, `2026-11-01`; always when absent. */
  readonly from?: string | undefined;
  readonly speed?: "fast" | undefined;
  /** What every token of a call costs whose prompt is longer than this. */
  readonly longContext?: (TokenPriceConfig & { readonly abovePromptTokens: number }) | undefined;
}

/** From where on the dashboard shows something yellow, and from where on red. */
export interface Threshold {
  readonly warning: number;
  readonly critical: number;
}

/** What the dashboard judges by. */
export interface DashboardThresholds {
  /** From 0 to 1; what lies below is worse. */
  readonly successRate: Threshold;
  /** 99th percentile of the durations of tasks. */
  readonly p99Millis: Threshold;
  /** Tasks that run at the same time. */
  readonly queueLength: Threshold;
  /** Age of the oldest of them. */
  readonly queueAgeMillis: Threshold;
  /** Time without a sign of life of a running task. */
  readonly silenceMillis: Threshold;
  /** Share of a model's context that is in use. */
  readonly contextShare: Threshold;
  /** Share of the time that the receiver's event loop is busy. */
  readonly busyShare: Threshold;
}

/** Every setting. Frozen. */
export interface MetricsConfig {
  /** Off: nothing is collected. */
  readonly isEnabled: boolean;
  /** Where a project's documents lie, relative to its folder. */
  readonly storage: string;
  readonly session: {
    readonly showsDuration: boolean;
    readonly tracksTools: boolean;
    readonly tracksFiles: boolean;
    readonly showsTasks: boolean;
  };
  readonly tokens: {
    readonly tracksUsage: boolean;
    readonly tracksPerTask: boolean;
    readonly showsPerSession: boolean;
    /** Tokens of one session or task from which there is a warning; 0: never. */
    readonly warnThreshold: number;
    /** `new`: input, cache writes and output; `total`: cache reads, too. */
    readonly warnCounts: "new" | "total";
  };
  readonly tasks: {
    readonly isTracked: boolean;
    readonly showsDuration: boolean;
    readonly tracksResult: boolean;
    readonly tracksFiles: boolean;
  };
  readonly agents: {
    readonly isTracked: boolean;
    /** Show agents one by one, not all as one. */
    readonly aggregatesByType: boolean;
    /** Agents in the daily reports. */
    readonly aggregatesDaily: boolean;
  };
  readonly quality: { readonly tracksCoverage: boolean; readonly tracksLint: boolean };
  readonly reporting: {
    readonly writesDaily: boolean;
    readonly writesWeekly: boolean;
    readonly exportFormat: ExportFormat;
  };
  readonly retention: {
    readonly detailedDays: number;
    readonly hourlyDays: number;
    readonly dailyDays: number;
    readonly ledgerDays: number;
    /** No cap when absent. */
    readonly maxBytes: number | undefined;
  };
  readonly compression: { readonly minAgeDays: number };
  readonly buffer: { readonly maxPoints: number; readonly flushIntervalMillis: number };
  readonly receiver: {
    /** 0: a free one. */
    readonly port: number;
    readonly host: string;
    /** Names by which this machine is called besides those of loopback. */
    readonly hosts: readonly string[];
    readonly requiresToken: boolean;
  };
  readonly forward: {
    /** Where to; nowhere when absent. */
    readonly url: string | undefined;
    readonly headers: Readonly<Record<string, string>>;
    readonly temporality: "cumulative" | "delta";
    readonly intervalMillis: number;
  };
  /** Attributes of senders that become tags of sessions and labels of live counters. */
  readonly labels: readonly string[];
  readonly budgets: readonly BudgetConfig[];
  readonly alerts: {
    /** Where alerts are posted; nowhere when absent. */
    readonly webhook: string | undefined;
  };
  readonly dashboard: DashboardThresholds;
  readonly prices: readonly PriceConfig[];
}
