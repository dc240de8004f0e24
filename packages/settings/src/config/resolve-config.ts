/** From what files say to settings with defaults. Pure. */
import type { MetricsBlock } from "./schema.ts";
import type {
  BudgetConfig,
  BudgetScope,
  BudgetWindow,
  DashboardThresholds,
  MetricsConfig,
  PriceConfig,
  Threshold,
  TokenPriceConfig,
} from "./types.ts";

/**
 * Merges blocks, the first before the second: a key of the first hides that of the second. Lists are joined, those of
 * the first coming first; of budgets with one name the first holds.
 */
export function mergeBlocks(first: MetricsBlock, second: MetricsBlock): MetricsBlock {
  const merged: Record<string, unknown> = { ...second };
  for (const [key, value] of Object.entries(first)) {
    const other = merged[key];
    if (isPlain(value) && isPlain(other)) merged[key] = { ...other, ...value };
    else if (key === "prices" && Array.isArray(value) && Array.isArray(other)) merged[key] = [...value, ...other];
    else if (key === "budgets" && Array.isArray(value) && Array.isArray(other)) merged[key] = joinByName(value, other);
    else merged[key] = value;
  }
  return merged as MetricsBlock;
}

/** Every setting, with the defaults of the PRD where nothing is said. Where two keys mean one thing, both must be on. */
export function resolveConfig(block: MetricsBlock): MetricsConfig {
  const { session, token_tracking: tracking, tokens, tasks, agents, quality, reporting, retention } = block;
  const config: MetricsConfig = {
    isEnabled: block.enabled ?? true,
    storage: block.storage ?? ".moai/metrics/",
    session: {
      showsDuration: session?.duration ?? true,
      tracksTools: session?.tools_used ?? true,
      tracksFiles: session?.files_modified ?? true,
      showsTasks: session?.tasks_completed ?? true,
    },
    tokens: {
      tracksUsage: (tracking?.enabled ?? true) && (tokens?.track_usage ?? true),
      tracksPerTask: (tracking?.track_per_task ?? true) && (tokens?.track_per_task ?? true),
      showsPerSession: tracking?.track_per_session ?? true,
      warnThreshold: tokens?.warn_threshold ?? 150_000,
      warnCounts: tokens?.warn_counts ?? "new",
    },
    tasks: {
      isTracked: tasks?.enabled ?? true,
      showsDuration: tasks?.track_duration ?? true,
      tracksResult: tasks?.track_result ?? true,
      tracksFiles: tasks?.track_files ?? true,
    },
    agents: {
      isTracked: (agents?.enabled ?? true) && (agents?.track_per_agent ?? true) && (tasks?.track_agent ?? true),
      aggregatesByType: agents?.aggregate_by_type ?? true,
      aggregatesDaily: agents?.aggregate_daily ?? true,
    },
    quality: { tracksCoverage: quality?.test_coverage ?? false, tracksLint: quality?.lint_scores ?? false },
    reporting: {
      writesDaily: reporting?.daily_summary ?? true,
      writesWeekly: reporting?.weekly_report ?? true,
      exportFormat: reporting?.export_format ?? "json",
    },
    retention: {
      detailedDays: retention?.detailed_days ?? 7,
      hourlyDays: retention?.hourly_days ?? 30,
      dailyDays: retention?.daily_days ?? 90,
      ledgerDays: retention?.ledger_days ?? 400,
      maxBytes: retention?.max_bytes,
    },
    compression: { minAgeDays: block.compression?.min_age_days ?? 7 },
    buffer: {
      maxPoints: block.buffer?.max_size ?? 100,
      flushIntervalMillis: Math.round((block.buffer?.flush_interval_seconds ?? 5) * 1_000),
    },
    receiver: {
      port: block.receiver?.port ?? 4318,
      host: block.receiver?.host ?? "127.0.0.1",
      hosts: block.receiver?.hosts ?? [],
      requiresToken: block.receiver?.requireToken ?? false,
    },
    forward: {
      url: block.forward?.url,
      headers: block.forward?.headers ?? {},
      temporality: block.forward?.temporality ?? "cumulative",
      intervalMillis: (block.forward?.interval_seconds ?? 60) * 1_000,
    },
    labels: block.labels ?? [],
    budgets: (block.budgets ?? []).map(resolveBudget),
    alerts: { webhook: block.alerts?.webhook },
    dashboard: resolveThresholds(block.dashboard ?? {}),
    prices: (block.prices ?? []).map(resolvePrice),
  };
  return deepFreeze(config);
}

/** The settings of those who have no configuration. */
export const DEFAULT_CONFIG: MetricsConfig = resolveConfig({});

const DEFAULT_WINDOWS: Readonly<Record<BudgetScope, BudgetWindow>> = {
  session: "day",
  task: "day",
  agent: "month",
  project: "month",
  day: "day",
  week: "week",
  month: "month",
};

function resolveBudget(given: NonNullable<MetricsBlock["budgets"]>[number]): BudgetConfig {
  return {
    name: given.name,
    per: given.per,
    window: given.window ?? DEFAULT_WINDOWS[given.per],
    agent: given.agent,
    project: given.project,
    product: given.product,
    model: given.model,
    maxTokens: given.max_tokens,
    maxUsd: given.max_usd,
    minSuccessRate: given.min_success_rate,
    maxP95Seconds: given.max_p95_seconds,
    warnAtShare: given.warn_at ?? 0.8,
  };
}

function resolveThresholds(given: NonNullable<MetricsBlock["dashboard"]>): DashboardThresholds {
  return {
    successRate: threshold(given.success_rate ?? [0.9, 0.8]),
    p99Millis: threshold(given.p99_seconds ?? [900, 3_600], 1_000),
    queueLength: threshold(given.queue_length ?? [20, 50]),
    queueAgeMillis: threshold(given.queue_age_seconds ?? [1_800, 7_200], 1_000),
    silenceMillis: threshold(given.silence_seconds ?? [300, 1_200], 1_000),
    contextShare: threshold(given.context_share ?? [0.7, 0.9]),
    busyShare: threshold(given.busy_share ?? [0.7, 0.9]),
  };
}

function threshold([warning, critical]: readonly [number, number], unit = 1): Threshold {
  return { warning: warning * unit, critical: critical * unit };
}

type GivenPrice = NonNullable<MetricsBlock["prices"]>[number];

function resolvePrice({ model, from, speed, long_context: long, ...tokens }: GivenPrice): PriceConfig {
  return {
    model,
    from,
    speed,
    ...resolveTokenPrice(tokens),
    longContext: long && { abovePromptTokens: long.above, ...resolveTokenPrice(long) },
  };
}

function resolveTokenPrice(
  given: Pick<GivenPrice, "input" | "output" | "cache_read" | "cache_write_5m" | "cache_write_1h">,
): TokenPriceConfig {
  return {
    inputUsd: given.input,
    outputUsd: given.output,
    cacheReadUsd: given.cache_read,
    cacheWrite5mUsd: given.cache_write_5m,
    cacheWrite1hUsd: given.cache_write_1h,
  };
}

function joinByName<T extends { readonly name: string }>(first: readonly T[], second: readonly T[]): readonly T[] {
  const names = new Set(first.map(({ name }) => name));
  return [...first, ...second.filter(({ name }) => !names.has(name))];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
