/** What `export` writes as JSON: everything nested, and MoAI-Flow's form for Grafana. */
import { z } from "zod";
import { count, millis, optional, sumShape, time, usd } from "./fields.ts";

const name = z.string().nullable().describe("null where it is not known.");
const { reportedCost: _onlyInTotals, ...sums } = sumShape;
const rowSums = { ...sums, toolCalls: count, toolErrors: count };
const place = { sessionId: z.string(), taskId: name, product: name, project: name, agent: name };

const modelCall = z.object({
  endedAt: time,
  ...place,
  model: name,
  durationMs: millis.nullable(),
  firstChunkMs: millis.nullable(),
  inputTokens: count.nullable(),
  outputTokens: count.nullable(),
  reasoningTokens: count.nullable(),
  cacheCreationTokens: count.nullable(),
  cacheReadTokens: count.nullable(),
  totalTokens: count.nullable(),
  totalCost: usd.nullable(),
  costOrigin: z.enum(["reported", "computed"]).nullable(),
  isFast: z.boolean(),
  webSearches: count.nullable(),
  errorType: name,
});

const toolUse = z.object({
  startedAt: time,
  endedAt: time.nullable(),
  ...place,
  tool: name,
  durationMs: millis.nullable(),
  isSuccess: z.boolean().nullable(),
  errorType: name,
  linesAdded: count.nullable(),
  linesRemoved: count.nullable(),
});

const calls = { modelCalls: z.array(modelCall), toolUses: z.array(toolUse) };

const task = z.object({
  taskId: z.string(),
  sessionId: z.string(),
  parentTaskId: name,
  product: name,
  project: name,
  branch: name,
  agent: name,
  kind: name,
  startedAt: time,
  endedAt: time.nullable().optional().describe("null while the task is open."),
  durationMs: millis.optional(),
  result: z.enum(["success", "failure", "timeout", "cancelled", "unknown", "open"]),
  resultOrigin: z.enum(["reported", "inferred"]).nullable(),
  errorType: name,
  taskName: name,
  ...rowSums,
  ...calls,
});

const { modelCalls: _calls, toolUses: _tools, ...taskFields } = task.shape;

const session = z.object({
  sessionId: z.string(),
  product: name,
  project: name,
  branch: name,
  version: name,
  startedAt: time,
  lastActivity: time,
  hasEnded: z.boolean(),
  ...optional({ wallDurationMs: millis, activeDurationMs: millis, ...rowSums }),
  tags: z.record(z.string(), z.string()),
  tasks: z.array(task),
  modelCalls: calls.modelCalls.describe("Of no task, or of one that ended outside of the range."),
  toolUses: calls.toolUses,
});

export const EXPORT_SCHEMAS = {
  export: z.object({
    exportedAt: time,
    from: time.nullable(),
    to: time.nullable().describe("The first moment behind the range."),
    sessions: z.array(session),
    totals: z
      .object({ sessions: count, tasks: count, toolCalls: count, ...sumShape })
      .describe("What was written, added up."),
  }),
  tasks_page: z.object({
    tasks: z.array(z.object(taskFields)),
    nextCursor: z.string().nullable().describe("For the parameter cursor; null on the last page."),
  }),
  export_grafana: z.array(
    z.object({
      target: z.string().regex(/\.(duration_ms|tasks|tokens_used|cost_usd)$/s),
      datapoints: z.array(z.tuple([z.number(), z.int()])).describe("Value and milliseconds since 1970, oldest first."),
    }),
  ),
} as const;
