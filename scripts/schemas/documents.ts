/** The documents of PRD-08. */
import { z } from "zod";
import { budgetSummary } from "./budgets.ts";
import { count, date, millis, optional, share, usd } from "./fields.ts";
import { periodQuality } from "./quality.ts";

const rate = share.nullable().describe("success / completed, two decimals; null when none completed.");
const cost = {
  cost_usd: usd.nullable().describe("US dollars; null where no call has a known price."),
  unpriced_calls: count
    .min(1)
    .optional()
    .describe("Calls with tokens and no known price: their cost is not in cost_usd. Absent where there are none."),
};
const isoTime = z.iso.datetime();
const change = z
  .string()
  .regex(/^([+-]\d+|0)%$/)
  .nullable();

const summary = {
  sessions: count.nullable().describe("null where the answer comes from Prometheus, which knows no sessions."),
  total_duration_hours: z
    .number()
    .min(0)
    .nullable()
    .optional()
    .describe("Active time of those sessions inside the period; null where the answer comes from Prometheus."),
  tasks_completed: count.describe("success + failure + timeout."),
  success_rate: rate,
  tokens_used: count,
  ...cost,
};

const report = {
  time_zone: z.string(),
  summary: z.object(summary),
  by_agent: z
    .record(
      z.string(),
      z.object({
        tasks: count,
        success_rate: rate,
        avg_duration_s: z.number().min(0).nullable().optional(),
        tokens_used: count,
        ...cost,
      }),
    )
    .optional(),
  trends: z.object({
    success_rate_change: change.describe("Signed percentage points; null without an earlier period."),
    efficiency_change: change.describe("Relative change of successful tasks per million tokens."),
  }),
  cost_change: z
    .object({
      against: z.string().describe("The period that it is compared with."),
      before: usd,
      after: usd,
      difference: usd.describe("US dollars, as all of these; the five causes add up to it."),
      volume: usd.describe("More or fewer calls."),
      model_mix: usd.describe("Other models, or other shares of them."),
      tokens_per_call: usd,
      cache_hits: usd,
      price: usd.describe("Everything else: list prices, long prompts, fast mode, fees."),
    })
    .optional()
    .describe("With --compare: why the cost differs from that of the period before."),
  quality: z.array(periodQuality).optional().describe("Where something was measured in the period."),
  budgets: z.array(budgetSummary).optional().describe("Where there are any: how each stood at the end of the period."),
};

const longReport = {
  from: date.describe("First day, inclusive."),
  to: date.describe("Last day, inclusive."),
  ...report,
  by_day: z.array(z.object({ date, ...summary })),
};

export const DOCUMENT_SCHEMAS = {
  token_usage: z.object({
    token_usage: z.object({
      session_id: z.string(),
      total_tokens: count,
      by_category: z.object({
        prompt: count.describe("input + cache reads + cache writes."),
        completion: count.describe("output."),
        undivided: count.optional().describe("Reported by hooks only: no more than the sum is known."),
      }),
      by_task: z.record(z.string(), count).describe("Tokens of each task's own calls."),
      product: z.string(),
      project: z.string(),
      without_task: count.describe("Tokens of calls that belong to no task."),
      ...cost,
    }),
  }),
  task_metrics: z.object({
    task_metrics: z.object({
      task_id: z.string().describe("The agent's own id, or what a hook called the task."),
      key: z.string().describe("The id in the ledger, which is unique."),
      agent: z.string(),
      started_at: isoTime,
      ...optional({ ended_at: isoTime.nullable(), duration_ms: millis }),
      result: z.enum(["success", "failure", "timeout", "cancelled", "unknown", "open"]),
      tokens_used: count,
      tokens_origin: z.enum(["calls", "reported by hook"]).nullable(),
      files_created: count,
      files_modified: count,
      files_deleted: count,
      session_id: z.string(),
      project: z.string(),
      result_origin: z.enum(["reported", "inferred"]).nullable(),
      error_type: z.string().nullable(),
      ...cost,
    }),
  }),
  agent_metrics: z.object({
    agent_metrics: z.record(
      z.string(),
      z.object({
        tasks_completed: count,
        success_rate: rate,
        avg_duration_ms: millis.nullable().optional(),
        total_tokens: count,
        period: z.string().describe("First and last day, inclusive: 2025-11-01 to 2025-11-30."),
        ...cost,
      }),
    ),
  }),
  daily_report: z.object({ daily_report: z.object({ date, ...report }) }),
  weekly_report: z.object({ weekly_report: z.object({ week: z.string(), ...longReport }) }),
  monthly_report: z.object({ monthly_report: z.object({ month: z.string(), ...longReport }) }),
} as const;
