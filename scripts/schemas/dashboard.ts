/** JSON of `dashboard --json`. */
import { z } from "zod";
import { count, date, millis, share, time, usd } from "./fields.ts";

const level = z.enum(["ok", "warning", "critical"]);
const anyLevel = level.nullable().describe("null where there is nothing to judge.");
const tokens = count.nullable();
const cost = usd.nullable().describe("US dollars; null where no call has a known price.");
const duration = millis.nullable().describe("null where it is not known, or not shown by the settings.");
const bytes = count.nullable();

const figure = z.object({
  value: z.number().nullable(),
  previous: z.number().nullable().describe("Over the same stretch before."),
  change: z.number().nullable().describe("Relative; of the success rate the difference."),
  level: anyLevel,
  series: z.array(z.number().nullable()).describe("By the hour of a day, else by the day, oldest first."),
});

const summary = z.object({
  tasksCompleted: count.nullable().describe("success + failure + timeout; null with a filter on models."),
  totalTokens: count,
  successRate: figure,
  averageDurationMs: figure,
  p95DurationMs: figure,
  p99DurationMs: figure,
  tokensPerDay: figure,
  totalCost: figure,
  unpricedCalls: count.describe("Calls with tokens and no known price: their cost is in no sum."),
});

const agents = z.object({
  groupBy: z.enum(["product", "project", "agent", "model"]),
  rows: z
    .array(
      z.object({
        name: z.string(),
        tasksCompleted: count,
        successRate: share.nullable(),
        averageDurationMs: duration,
        calls: count,
        totalTokens: count,
        totalCost: cost,
        level: anyLevel,
      }),
    )
    .describe("Most tokens first."),
});

const place = { sessionId: z.string(), product: z.string(), project: z.string(), startedAt: time };

const queue = z.object({
  length: count.describe("Tasks that run."),
  lengthLevel: level,
  oldestAgeMs: millis.nullable(),
  ageLevel: anyLevel,
  longestSilenceMs: millis.nullable(),
  silenceLevel: anyLevel,
  tasks: z
    .array(
      z.object({
        taskId: z.string(),
        ...place,
        agent: z.string(),
        ageMs: millis,
        silentMs: millis.describe("Since its last sign of life."),
        calls: count,
        totalTokens: count.describe("Of its own calls so far."),
        totalCost: cost,
        level,
      }),
    )
    .describe("Oldest first."),
  sessions: z
    .array(z.object({ ...place, lastSeenAt: time, totalTokens: tokens, totalCost: cost }))
    .describe("Not ended and seen in the last half hour; seen last first."),
  recentCalls: z
    .array(
      z.object({
        endedAt: time,
        sessionId: z.string(),
        taskId: z.string().nullable(),
        agent: z.string(),
        project: z.string(),
        model: z.string(),
        durationMs: millis.nullable(),
        totalTokens: tokens,
        totalCost: cost,
        errorType: z.string().nullable(),
      }),
    )
    .describe("The twenty newest of the last day."),
});

const reading = { residentBytes: bytes, busyShare: share.nullable() };

const resources = z.object({
  store: z.object({ fileBytes: count, logBytes: count }).nullable(),
  receiver: z
    .object({
      ...reading,
      state: z.enum(["not running", "running", "cannot write", "unreachable"]),
      url: z.string().nullable(),
      itemsPerSecond: z.number().min(0).nullable().describe("Since the receiver began."),
      waitingRequests: count.nullable(),
    })
    .nullable(),
  dashboard: z.object(reading).nullable().describe("null where it does not stay."),
  receiverLevel: anyLevel,
  budgets: z
    .array(
      z.object({
        name: z.string(),
        subject: z.string(),
        limit: z.enum(["tokens", "costUsd", "successRate", "p95Seconds"]),
        used: z.number().nullable(),
        allowed: z.number(),
        share: z.number().nullable(),
        state: z.enum(["ok", "unknown", "warning", "exceeded"]),
      }),
    )
    .describe("Of every budget the limit of which most is used up; the worst first."),
  tokensToday: count,
  costToday: cost,
  contexts: z
    .array(
      z.object({
        sessionId: z.string(),
        agent: z.string(),
        model: z.string(),
        tokens: count.describe("Prompt and reply of the newest call."),
        windowTokens: count.nullable().describe("As the price list says; null where it does not."),
        share: share.nullable(),
        level: anyLevel,
      }),
    )
    .describe("Of every agent in every open session; the fullest first."),
});

const trends = z.object({
  unit: z.enum(["hour", "day", "week"]),
  buckets: z
    .array(
      z.object({
        label: z.string(),
        startsAt: time,
        totalTokens: count,
        totalCost: cost,
        tasksCompleted: count,
        averageDurationMs: duration,
      }),
    )
    .describe("Oldest first."),
});

const alerts = z.array(
  z.object({
    kind: z.enum([
      ...(["success_rate", "latency", "queue_length", "queue_age", "telemetry_gap", "receiver", "context"] as const),
      ...(["budget", "tokens", "unpriced", "telemetry"] as const),
    ]),
    level: z.enum(["warning", "critical"]),
    message: z.string(),
    next: z.string().describe("A command that shows more, or what to change."),
  }),
);

const subject = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("agent"), agent: z.string() }),
  z.object({ kind: z.literal("session"), sessionId: z.string() }),
  z.object({ kind: z.literal("task"), sessionId: z.string(), taskId: z.string() }),
]);

const detail = z.object({
  subject,
  isKnown: z.boolean(),
  fields: z.array(
    z.object({
      title: z.string(),
      kind: z.enum(["text", "count", "cost", "duration", "percent", "time"]),
      value: z.union([z.string(), z.number()]).nullable(),
    }),
  ),
  timeline: z
    .array(
      z.object({
        kind: z.enum(["call", "tool", "task"]),
        at: time,
        ...{ name: z.string(), agent: z.string(), durationMs: duration, totalTokens: tokens, totalCost: cost },
        ...{ result: z.string().nullable(), errorType: z.string().nullable() },
        ...{ sessionId: z.string(), taskId: z.string() },
      }),
    )
    .describe("Newest first."),
  isCutOff: z.boolean().describe("More happened than the timeline holds."),
});

export const DASHBOARD_SCHEMAS = {
  dashboard: z.object({
    dashboard: z.object({
      at: time,
      timeZone: z.string(),
      period: z.object({ name: z.enum(["today", "7d", "30d", "90d"]), from: date, to: date }),
      ...{ summary, agents, queue, resources, trends, alerts },
    }),
    detail: detail.optional().describe("In a written view: the agent, session or task that was open."),
  }),
} as const;
