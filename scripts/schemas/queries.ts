/** Answers of `query METHOD`: what is not known is null, so that every row has the same fields. */
import { z } from "zod";
import { count, millis, optional, share } from "./fields.ts";
import { POINTS_ANSWER } from "./points.ts";

const moment = z.int().describe("Milliseconds since 1970-01-01, UTC.");
const nanoUsd = z.int().describe("Billionths of a US dollar.");
const text = z.string().describe("Empty where it is not known.");
const figure = z.number().nullable();
const deletedBeforeMillis = moment
  .nullable()
  .describe("Rows before this moment were deleted and live on in sums; null when nothing asked for is missing.");
const nextCursor = z.string().nullable().describe("For --cursor; null behind the last row.");

const tokens = z.object({
  input: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  output: count.describe("Reasoning included."),
  reasoning: count,
  undivided: count.optional().describe("Tokens that only a hook reported: they have no parts and no cost."),
});

const callMeasures = {
  calls: count.describe("Answered model calls."),
  callErrors: count,
  callsWithoutUsage: count,
  tokens,
  costNanoUsd: nanoUsd,
  reportedCostNanoUsd: nanoUsd.describe("The part of the cost that agents reported."),
  unpricedCalls: count,
  callMillis: millis,
};

const toolFigures = { toolCalls: count, toolErrors: count, toolMillis: millis };

const origin = {
  source: z.enum(["rollups", "ledger", "rollups and ledger"]),
  relativeError: share.describe("Greatest relative error of the percentiles in the answer; everything else is exact."),
};

const groupNames = optional({ product: text, project: text, agent: text, model: text });
const measured = { value: figure, count: count.describe("Facts that the value was made from.") };
const range = z.object({ startMillis: moment, endMillis: moment.describe("Behind the last millisecond.") });

const taskResult = z.enum(["success", "failure", "timeout", "cancelled", "unknown"]);

const task = z.object({
  product: z.string(),
  taskId: z.string(),
  sessionId: z.string(),
  parentTaskId: text,
  kind: z.enum(["prompt", "subagent", "sdk", "hook", ""]),
  agent: text,
  project: text,
  branch: text,
  startedAtMillis: moment,
  lastSeenAtMillis: moment,
  durationMillis: millis,
  result: z.enum([...taskResult.options, "open"]),
  resultOrigin: z.enum(["reported", "inferred", ""]),
  errorType: text,
  report: z
    .object({
      name: text.describe("What the hook called the task."),
      tokens: count.nullable(),
      durationMillis: millis.nullable(),
      isCounted: z.boolean().describe("Its figures are in the sums: no model call tells of the same work."),
    })
    .nullable()
    .describe("What a hook said of the task; null where none did."),
  ...callMeasures,
  ...toolFigures,
});

const session = z.object({
  product: z.string(),
  sessionId: z.string(),
  project: text,
  branch: text,
  version: text,
  tags: z.record(z.string(), z.string()),
  startedAtMillis: moment,
  endedAtMillis: moment,
  wallMillis: millis,
  activeMillis: millis.describe("Wall time without gaps of ten minutes or more."),
  activeInRangeMillis: millis,
  hasEnded: z.boolean(),
  ...callMeasures,
  ...toolFigures,
});

const call = { product: z.string(), sessionId: z.string(), taskId: text, agent: text, project: text };

const modelCall = z.object({
  ...call,
  model: text,
  endedAtMillis: moment,
  durationMillis: millis.nullable(),
  firstChunkMillis: millis.nullable(),
  tokens: tokens.nullable(),
  webSearches: count.nullable(),
  isFast: z.boolean(),
  costNanoUsd: nanoUsd.nullable(),
  costOrigin: z.enum(["reported", "computed", ""]),
  errorType: text,
});

const toolCall = z.object({
  ...call,
  tool: text,
  startedAtMillis: moment,
  endedAtMillis: moment.nullable(),
  durationMillis: millis.nullable(),
  isSuccess: z.boolean().nullable(),
  errorType: text,
  linesAdded: count.nullable(),
  linesRemoved: count.nullable(),
});

const page = (row: z.ZodType) => z.object({ rows: z.array(row), nextCursor, deletedBeforeMillis });

const agent = z.object({
  agent: text,
  firstSeenMillis: moment.nullable(),
  lastSeenMillis: moment.nullable(),
  calls: z.object(callMeasures),
  tasks: z
    .object({
      ended: count,
      byResult: z.record(taskResult, count),
      successRate: share.nullable(),
      totalMillis: millis,
      averageMillis: figure,
      minMillis: figure,
      maxMillis: figure,
      p50Millis: figure,
      p95Millis: figure,
      p99Millis: figure,
      averageTokens: figure,
    })
    .nullable()
    .describe("null with a filter on models, which tasks do not have."),
  tools: z.object(toolFigures).nullable(),
  models: z.array(z.string()),
  projects: z.array(z.string()),
});

const summary = {
  totalTasks: count.nullable().describe("Tasks that ended."),
  successfulTasks: count.nullable(),
  failedTasks: count.nullable(),
  timedOutTasks: count.nullable(),
  cancelledTasks: count.nullable(),
  unknownTasks: count.nullable(),
  successRate: share.nullable(),
  avgDurationMillis: figure,
  p50DurationMillis: figure,
  p95DurationMillis: figure,
  p99DurationMillis: figure,
  avgTokensPerTask: figure,
  totalTokensUsed: count,
  uniqueAgents: count,
  totalCalls: count,
  totalCallErrors: count,
  callsWithoutUsage: count,
  costNanoUsd: nanoUsd,
  reportedCostNanoUsd: nanoUsd,
  computedCostNanoUsd: nanoUsd,
  unpricedCalls: count,
  totalToolCalls: count.nullable(),
  totalToolErrors: count.nullable(),
};

const difference = z.object({
  current: figure,
  previous: figure,
  absolute: figure,
  relative: figure.describe("absolute / previous; null where there is no earlier value, or it is 0."),
});
const differenceNames = z.enum(Object.keys(summary) as [keyof typeof summary]);

const value = z.object({
  unit: z.string(),
  ...measured,
  groups: z.array(z.object({ ...groupNames, ...measured })).describe("Empty without --group-by."),
  ...origin,
});

export const QUERY_SCHEMAS = {
  query_getTasks: page(task),
  query_getSessions: page(session),
  query_getModelCalls: page(modelCall),
  query_getToolCalls: page(toolCall),
  query_getAgents: z.object({ agents: z.array(agent), ...origin }),
  query_aggregateByTime: z.object({
    unit: z.string(),
    timeZone: z.string(),
    buckets: z.array(
      z.object({ ...groupNames, label: z.string(), startMillis: moment, endMillis: moment, ...measured }),
    ),
    ...origin,
  }),
  query_percentile: value,
  query_average: value,
  query_topAgents: z.object({
    unit: z.string(),
    function: z.enum(["avg", "sum", "count", "min", "max", "percentile"]),
    agents: z.array(z.object({ rank: z.int().min(1), agent: text, ...measured })),
    ...origin,
  }),
  query_slowestTasks: z.object({ tasks: z.array(task), deletedBeforeMillis }),
  query_summary: z.object({ ...summary, tokens, ...origin }),
  query_compare: z.object({
    current: range,
    previous: range,
    differences: z.record(differenceNames, difference),
    ...origin,
  }),
  query_getPoints: POINTS_ANSWER,
} as const;
