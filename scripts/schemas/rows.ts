/** JSON of the row commands and of the overview. */
import { z } from "zod";
import { budgetReport } from "./budgets.ts";
import {
  changeShape,
  count,
  date,
  hideableUsageShape,
  millis,
  optional,
  share,
  sumShape,
  taskShape,
  time,
  toolShape,
  usageShape,
} from "./fields.ts";

/** With `--group-by` a row has these names as well. */
const dimensions = optional({
  spec: z.string(),
  product: z.string(),
  project: z.string(),
  agent: z.string(),
  model: z.string(),
});

const usageRow = { ...usageShape, ...taskShape, ...toolShape, sessions: count.optional() };

function envelope<Row extends z.ZodType, Totals extends z.ZodType>(command: string, row: Row, totals: Totals) {
  return z.object({ [command]: z.array(row), totals });
}

const usage = (command: string, name: z.ZodRawShape) =>
  envelope(command, z.object({ ...dimensions, ...name, ...usageRow }), z.object(usageRow));

const sessionSums = {
  ...hideableUsageShape,
  ...optional(taskShape),
  ...toolShape,
  ...changeShape,
  wallDurationMs: millis.optional().describe("Last event minus first event."),
  activeDurationMs: millis.optional().describe("Wall time without gaps of ten minutes or more."),
  openTasks: count.optional(),
  tools: z.record(z.string(), z.object({ calls: count, errors: count })),
  errors: z.record(z.string(), count).describe("Failed model calls, tool calls and tasks by error type."),
  errorCount: count,
};

const taskSums = {
  ...usageShape,
  ...toolShape,
  ...changeShape,
  durationMs: millis.optional().describe("For an open task, until its last sign of life; in the totals, the sum."),
};

const task = {
  taskId: z.string(),
  sessionId: z.string(),
  parentTaskId: z.string().nullable(),
  product: z.string(),
  project: z.string(),
  agent: z.string(),
  kind: z.string().describe("prompt, subagent, sdk, hook, or unknown."),
  startedAt: time,
  endedAt: time.nullable().optional().describe("null while the task is open."),
  result: z.enum(["success", "failure", "timeout", "cancelled", "unknown", "open"]),
  resultOrigin: z.enum(["reported", "inferred"]).nullable(),
  errorType: z.string().nullable(),
  taskName: z.string().nullable().describe("What a hook called the task; not unique. null where none did."),
  tokensOrigin: z.enum(["calls", "reported by hook"]).nullable(),
  reportedTokens: count.nullable().describe("As a hook told them, whether they count or not; null where none did."),
};

const tool = { calls: count, errors: count, errorRate: share.nullable(), durationMs: millis.optional() };

const change = z.number().nullable();
const overviewPeriod = z.object({
  from: date,
  to: date,
  sessions: count,
  ...sumShape,
  ...taskShape,
  changes: z
    .object({
      sessions: change,
      tasksCompleted: change,
      successRate: change,
      averageDurationMs: change.optional(),
      totalTokens: change,
      totalCost: change,
    })
    .describe("Relative change against the stretch before; of successRate the difference."),
});

export const ROW_SCHEMAS = {
  daily: usage("daily", { date }),
  weekly: usage("weekly", { week: z.string().describe("2026-W47; the first day where weeks do not start on Monday.") }),
  monthly: usage("monthly", { month: z.string().regex(/^\d{4}-\d{2}$/) }),
  agent: usage("agent", { agent: z.string() }),
  model: usage("model", { model: z.string() }),
  project: usage("project", { project: z.string() }),
  session: envelope(
    "session",
    z.object({
      sessionId: z.string(),
      product: z.string(),
      project: z.string(),
      branch: z.string().nullable(),
      version: z.string().nullable(),
      startedAt: time,
      lastActivity: time,
      ...sessionSums,
    }),
    z.object(sessionSums),
  ),
  task: envelope("task", z.object({ ...task, ...taskSums }), z.object({ ...taskSums, ...taskShape, openTasks: count })),
  tool: envelope("tool", z.object({ tool: z.string(), ...tool }), z.object(tool)),
  overview: z.object({
    overview: z.object({
      date,
      timeZone: z.string(),
      today: overviewPeriod,
      last7Days: overviewPeriod,
      thisMonth: overviewPeriod,
      detailPeriod: z.enum(["last7Days", "all"]),
      byAgent: z.array(z.object({ agent: z.string(), ...usageRow })),
      byModel: z.array(z.object({ model: z.string(), ...usageRow })),
      unpricedModels: z.array(z.string()),
      oldestDate: date.nullable(),
    }),
    budget: budgetReport,
    telemetry: z
      .array(z.object({ product: z.string(), message: z.string(), next: z.string() }))
      .describe("Telemetry that stopped while transcripts grow, and what agents no longer tell."),
  }),
} as const;
