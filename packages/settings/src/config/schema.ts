/**
 * The configuration as its files spell it: the keys of PRD-08 (its schema and the blocks of its tasks 1.1, 2.1 and
 * 3.1), and ours beside them. Every key may be left out.
 */
import { type ConventionKey, canonicalName, METRICS } from "@moai-metrics/model";
import { z } from "zod";
import { BUDGET_SCOPES, BUDGET_WINDOWS, EXPORT_FORMATS } from "./types.ts";

const days = z.int().min(1).max(36_500);
const share = z.number().min(0).max(1);
const usd = z.number().min(0).max(1_000_000);
const name = z.string().min(1).max(200);

const budget = z
  .strictObject({
    name: name.describe("How messages and reports call it."),
    per: z.enum(BUDGET_SCOPES).describe("Each of these has the whole budget to itself."),
    window: z
      .enum(BUDGET_WINDOWS)
      .optional()
      .describe("How far back to look. Default: day for sessions and tasks, month for agents and projects."),
    agent: name.optional().describe("Only what this agent did."),
    project: name.optional().describe("Only what was done in this folder, or in folders of this name."),
    product: name.optional().describe("Only what this product did, such as claude-code."),
    model: name.optional().describe("Only what this model did."),
    max_tokens: z.int().min(1).optional().describe("Tokens of all parts."),
    max_usd: usd.optional().describe("Cost in US dollars."),
    min_success_rate: share.optional().describe("Least success rate of tasks, 0 to 1."),
    max_p95_seconds: z.number().positive().optional().describe("Longest 95th percentile of the durations of tasks."),
    warn_at: share.optional().describe("Share of a limit from which there is a warning. Default 0.8."),
  })
  .refine(
    (given) =>
      [given.max_tokens, given.max_usd, given.min_success_rate, given.max_p95_seconds].some((x) => x !== undefined),
    { message: "has no limit: give max_tokens, max_usd, min_success_rate or max_p95_seconds" },
  )
  .refine(
    (given) =>
      given.model === undefined || (given.min_success_rate === undefined && given.max_p95_seconds === undefined),
    { message: "has a model and a limit of tasks; tasks have no model: leave model out, or limit tokens or cost" },
  )
  .refine(({ per, window }) => window === undefined || !BUDGET_WINDOWS.some((period) => period === per), {
    message: "has a window, but a day, week or month is its own: leave window out",
  });

const tokenPrices = {
  input: usd.describe("US dollars per million tokens."),
  output: usd,
  cache_read: usd.optional().describe("As input when left out."),
  cache_write_5m: usd.optional().describe("As input when left out."),
  cache_write_1h: usd.optional().describe("As cache_write_5m when left out."),
};

const price = z.strictObject({
  model: name.describe("Model as in the price list, without provider and date; * stands for any characters."),
  from: z.iso.date().optional().describe("First day (UTC) on which the price holds; always when left out."),
  speed: z.literal("fast").optional().describe("The price of the fast mode."),
  ...tokenPrices,
  long_context: z
    .strictObject({ above: z.int().min(1).describe("Tokens of the whole prompt."), ...tokenPrices })
    .optional()
    .describe("What every token of a call costs whose prompt is longer."),
});

const on = z.boolean();

/** Two numbers: from the first on (or below it) yellow, from the second on red. */
const levels = (value: z.ZodNumber) => z.tuple([value, value]);
const amount = z.number().min(0).max(1_000_000_000);

/** A name as Prometheus spells it. */
const asLabel = (given: string): string => given.replaceAll(/[^a-zA-Z0-9_]/g, "_");

/** Labels that series have anyway, or get from who reads them. */
const TAKEN: ReadonlySet<string> = new Set(
  Object.values(METRICS)
    .flatMap(({ attributes }): readonly ConventionKey[] => ["product", "project", ...attributes])
    .map((key) => asLabel(canonicalName(key)))
    .concat("le", "quantile", "job", "instance"),
);

const label = z
  .string()
  .refine((given) => /^[a-zA-Z][a-zA-Z0-9_.-]{0,62}$/.test(given), {
    message: "is no name of an attribute: write letters, digits, _, . and -, at most 63 of them",
  })
  .refine((given) => !TAKEN.has(asLabel(given)), { message: "is a label that series have anyway: leave it out" })
  .refine(
    (given) =>
      !/(?:session|conversation|task|call|trace|span|prompt|message|request|response|event)[._-]?id$/i.test(given),
    {
      message: "is an id, and ids are in the ledger: name what has few values, such as team",
    },
  );

/** The block `metrics` of a file. */
export const METRICS_SCHEMA = z.strictObject({
  enabled: on.optional().describe("Off: nothing that happens is stored; what was stored stays."),
  storage: z
    .string()
    .min(1)
    .optional()
    .describe("Folder of the project's documents, relative to the project; reports are written there once it is said."),
  session: z
    .strictObject({
      duration: on.optional().describe("Off: durations of sessions are not shown."),
      tools_used: on.optional().describe("Off: tool calls are not stored."),
      files_modified: on.optional().describe("Off: changed files are not stored."),
      tasks_completed: on.optional().describe("Off: tasks of sessions are not shown with the session."),
    })
    .optional(),
  token_tracking: z
    .strictObject({
      enabled: on.optional().describe("Off: tokens are not stored, so there is no cost either."),
      track_per_task: on
        .optional()
        .describe("Off: model calls are stored without their task, so tasks have no tokens."),
      track_per_session: on.optional().describe("Off: tokens and cost of sessions are not shown."),
    })
    .optional(),
  tokens: z
    .strictObject({
      track_usage: on.optional().describe("Off: as token_tracking.enabled."),
      track_per_task: on.optional().describe("Off: as token_tracking.track_per_task."),
      warn_threshold: z.int().min(0).optional().describe("Tokens of a session or task from which there is a warning."),
      warn_counts: z
        .enum(["new", "total"])
        .optional()
        .describe("new: input, cache writes and output; total: cache reads, too."),
    })
    .optional(),
  tasks: z
    .strictObject({
      enabled: on.optional().describe("Off: tasks are not stored."),
      track_duration: on.optional().describe("Off: durations and ends of tasks are not shown."),
      track_result: on.optional().describe("Off: results are not stored; every task ends as unknown."),
      track_files: on.optional().describe("Off: changed files are not stored."),
      track_agent: on.optional().describe("Off: names of agents are not stored."),
    })
    .optional(),
  agents: z
    .strictObject({
      enabled: on.optional().describe("Off: as tasks.track_agent."),
      track_per_agent: on.optional().describe("Off: as tasks.track_agent."),
      aggregate_daily: on.optional().describe("Off: daily, weekly and monthly documents have no by_agent."),
      aggregate_by_type: on.optional().describe("Off: agent_metrics has one entry for all agents."),
    })
    .optional(),
  quality: z
    .strictObject({
      test_coverage: on.optional().describe("On: test coverage is stored."),
      lint_scores: on.optional().describe("On: lint scores are stored."),
    })
    .optional(),
  reporting: z
    .strictObject({
      daily_summary: on.optional().describe("On: the report of every closed day is written."),
      weekly_report: on.optional().describe("On: the report of every closed week is written."),
      export_format: z.enum(EXPORT_FORMATS).optional().describe("Format of export when none is named."),
    })
    .optional(),
  retention: z
    .strictObject({
      detailed_days: days
        .optional()
        .describe(
          "Data points stay as they came for so long, unless compressed earlier; only the user's own file is asked for retention.",
        ),
      hourly_days: days.optional().describe("Data points stay for so long, compressed, and hourly ones beside them."),
      daily_days: days.optional().describe("Daily data points stay for so long."),
      ledger_days: days.optional().describe("Sessions, tasks and calls stay for so long; their sums stay for ever."),
      max_bytes: z
        .int()
        .min(1_000_000)
        .optional()
        .describe("The most bytes that the store may take; the oldest go first."),
    })
    .optional(),
  compression: z
    .strictObject({
      min_age_days: days
        .optional()
        .describe("Data points older than this are compressed; only the user's own file is asked."),
    })
    .optional(),
  buffer: z
    .strictObject({
      max_size: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .describe("An application's data points are written when so many wait."),
      flush_interval_seconds: z.number().positive().max(3_600).optional().describe("The longest that they wait."),
    })
    .optional(),
  receiver: z
    .strictObject({
      port: z.int().min(0).max(65_535).optional().describe("The port of serve; 0 takes a free one."),
      host: name.optional().describe("The address that serve listens on."),
      hosts: z.array(name).max(100).optional().describe("Names by which senders call this machine, without ports."),
      requireToken: on.optional().describe("On: senders need the token in the storage folder's receiver-token."),
    })
    .optional(),
  forward: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .max(2_000)
        .optional()
        .describe("Where serve pushes the catalogue's metrics over OTLP/HTTP; only the user's own file is asked."),
      headers: z.record(name, z.string().max(8_192)).optional().describe("Sent with every push, such as a key."),
      temporality: z.enum(["cumulative", "delta"]).optional().describe("What the backend wants counters to be."),
      interval_seconds: z.int().min(5).max(3_600).optional().describe("Time between two pushes."),
    })
    .optional(),
  labels: z
    .array(label)
    .max(8)
    .refine((names) => new Set(names.map(asLabel)).size === names.length, {
      message: "names a label twice, as Prometheus spells it: leave one of them out",
    })
    .optional()
    .describe(
      "Attributes of senders, such as team, that become tags of sessions and labels; only the user's own file is asked.",
    ),
  budgets: z.array(budget).max(200).optional().describe("What may be used up; see below."),
  alerts: z
    .strictObject({
      webhook: z
        .url({ protocol: /^https?$/ })
        .max(2_000)
        .optional()
        .describe("Address to which alerts are posted as JSON; only the user's own file is asked."),
    })
    .optional(),
  dashboard: z
    .strictObject({
      success_rate: levels(share).optional().describe("Below the first number yellow, below the second red."),
      p99_seconds: levels(amount)
        .optional()
        .describe("99th percentile of the durations of tasks; from these on yellow, red."),
      queue_length: levels(amount).optional().describe("Tasks that run at the same time; from these on yellow, red."),
      queue_age_seconds: levels(amount).optional().describe("Age of the oldest one; from these on yellow, red."),
      silence_seconds: levels(amount)
        .optional()
        .describe("Time without a sign of life of a running task; from these on yellow, red."),
      context_share: levels(share).optional().describe("Share of a model's context in use; from these on yellow, red."),
      busy_share: levels(share)
        .optional()
        .describe("Share of the time that the receiver's event loop is busy; from these on yellow, red."),
    })
    .optional(),
  prices: z.array(price).max(2_000).optional().describe("Prices of yours, which outrank the list; see below."),
});

/** What {@link METRICS_SCHEMA} accepts. */
export type MetricsBlock = z.infer<typeof METRICS_SCHEMA>;

/** A whole file: other programs keep their settings beside `metrics`. */
export const CONFIG_FILE_SCHEMA = z.looseObject({ $schema: z.string().optional(), metrics: METRICS_SCHEMA.optional() });
