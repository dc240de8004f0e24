/** JSON of `budget`, which the overview carries as well. */
import { z } from "zod";
import { count, date } from "./fields.ts";

const state = z.enum(["ok", "unknown", "warning", "exceeded"]);
const per = z.enum(["session", "task", "agent", "project", "day", "week", "month"]);
const limit = z.enum(["tokens", "costUsd", "successRate", "p95Seconds"]);
const counts = z.object({ ok: count, unknown: count, warning: count, exceeded: count });

/** What period reports say of a budget. */
export const budgetSummary = z.object({ name: z.string(), per, state, counts });

const entry = z.object({
  subject: z.string().describe("Id of the session or task, name of the agent or project, or the period."),
  period: z.string(),
  state,
  limits: z.array(
    z.object({
      limit,
      state,
      allowed: z.number().min(0),
      used: z.number().min(0).nullable().describe("null where nothing is known yet."),
      share: z.number().min(0).nullable().describe("Of a success rate, of the failures that it allows."),
      isLowerBound: z.boolean().describe("More was used than is known."),
    }),
  ),
});

/** How everything stands that is watched. */
export const budgetReport = z.object({
  timeZone: z.string(),
  from: date,
  to: date,
  state: state.describe("The worst of all budgets."),
  budgets: z.array(
    z.object({
      name: z.string(),
      per,
      state,
      counts,
      worst: entry.nullable(),
      notOk: z.array(entry).describe("All that are not ok, the worst first."),
    }),
  ),
  tokenWarnings: z.object({
    threshold: count,
    counts: z.enum(["new", "total"]),
    peaks: z.array(
      z.object({
        kind: z.enum(["session", "task"]),
        product: z.string(),
        sessionId: z.string(),
        taskId: z.string(),
        agent: z.string(),
        project: z.string(),
        tokens: count,
        lastSeenAtMillis: count,
      }),
    ),
  }),
  unpricedModels: z.array(z.string()),
});

/** The body that the webhook of `alerts.webhook` gets. */
const alertMessage = z.object({
  version: z.literal(1),
  sentAt: z.iso.datetime(),
  text: z.string().describe("All messages, for chat programs."),
  alerts: z.array(
    z.object({
      kind: z.enum(["budget", "tokens", "unpriced", "telemetry"]),
      state: z.enum(["warning", "exceeded"]),
      message: z.string(),
      next: z.string().describe("A command that shows more, or what to change."),
      budget: z.string().optional().describe("Its name."),
      per: per.optional(),
      limit: limit.optional(),
      subject: z.string().describe("Session, task, agent, project, period, model or product."),
      used: z.number().nullable().optional().describe("In the unit of the limit."),
      allowed: z.number().optional(),
    }),
  ),
});

export const BUDGET_SCHEMAS = { budget: z.object({ budget: budgetReport }), alert_message: alertMessage } as const;
