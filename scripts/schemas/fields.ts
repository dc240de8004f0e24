/** Fields that several JSON documents share. */
import { z } from "zod";

export const count = z.int().min(0);
export const millis = z.number().min(0);
export const share = z.number().min(0).max(1);
export const usd = z.number();
/** `2026-11-22T07:37:34.362Z` */
export const time = z.iso.datetime();
export const date = z.iso.date();

const tokens = {
  inputTokens: count.describe("Input that was neither read from nor written to a cache."),
  outputTokens: count.describe("Output, reasoning included."),
  cacheCreationTokens: count,
  cacheReadTokens: count,
  totalTokens: count.describe("The sum of the four, and of undividedTokens."),
  undividedTokens: count.describe("Tokens that only a hook reported: they have no parts and no cost."),
};

const callFields = {
  reportedCost: usd.describe("The part of the cost that the agent reported; the rest was computed from list prices."),
  unpricedCalls: count.describe("Calls with tokens and no known price: their cost is in no sum."),
  callsWithoutUsage: count.describe("Answered calls whose tokens are unknown."),
};

const answered = {
  calls: count.describe("Answered model calls."),
  callErrors: count.describe("Model calls that failed without an answer."),
};

const COST = "US dollars; null when there are calls and none of them has a known price.";

const modelBreakdown = z.object({
  modelName: z.string(),
  ...tokens,
  ...callFields,
  ...answered,
  cost: usd.nullable().describe(COST),
});

const modelsUsed = z.array(z.string()).describe("Most tokens first.");

/** Every key may be absent: the configuration says which. */
export function optional<Shape extends z.ZodRawShape>(
  shape: Shape,
): { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> } {
  return z.object(shape).partial().shape as never;
}

export const sumShape = { ...tokens, ...callFields, ...answered, totalCost: usd.nullable().describe(COST) };

export const usageShape = {
  ...sumShape,
  modelsUsed,
  modelBreakdowns: z.array(modelBreakdown),
};

/** The same where the configuration may hide tokens and cost. */
export const hideableUsageShape = {
  ...optional(tokens),
  ...optional(callFields),
  ...answered,
  totalCost: usd.nullable().optional().describe(COST),
  modelsUsed,
  modelBreakdowns: z.array(modelBreakdown).optional(),
};

export const taskShape = {
  tasksCompleted: count.describe("success + failure + timeout."),
  tasksByResult: z.object({ success: count, failure: count, timeout: count, cancelled: count, unknown: count }),
  successRate: share.nullable().describe("success / tasksCompleted; null when none completed."),
  unknownShare: share.nullable().describe("Share of the ended tasks whose result no one knows."),
  averageDurationMs: millis.nullable().optional().describe("Mean duration of the ended tasks."),
};

export const toolShape = { toolCalls: count, toolErrors: count };

export const changeShape = {
  filesCreated: count,
  filesModified: count,
  filesDeleted: count,
  linesAdded: count,
  linesRemoved: count,
};
