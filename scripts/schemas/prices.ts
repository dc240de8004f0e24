/** JSON of the commands of `prices`. */
import { z } from "zod";
import { METRICS_SCHEMA } from "../../packages/settings/src/config/schema.ts";
import { count, date, usd } from "./fields.ts";

const perMillion = usd.min(0).describe("US dollars per million tokens.");
const used = { model: z.string(), calls: count, unpricedCalls: count };

export const PRICE_SCHEMAS = {
  prices_show: z.object({
    prices: z.array(
      z.object({
        model: z.string(),
        speed: z.enum(["standard", "fast"]),
        abovePromptTokens: count.describe("Holds for every token of a call whose prompt is longer."),
        input: perMillion,
        output: perMillion,
        cacheRead: perMillion,
        cacheWrite5m: perMillion,
        cacheWrite1h: perMillion,
        webSearch: usd.describe("US dollars for one search."),
        from: date.nullable().describe("First day (UTC) on which it holds, where its origin says one."),
        origin: z.string(),
      }),
    ),
    unpriced: z.array(z.object({ ...used, command: z.string().describe("What to type.") })),
    callsToReprice: z.array(z.object(used)).describe("Models with a price and calls from before they had one."),
    date,
  }),
  prices_set: z.object({
    prices: z.object({
      path: z.string(),
      isReplaced: z.boolean(),
      price: METRICS_SCHEMA.shape.prices.unwrap().element,
    }),
  }),
  prices_reprice: z.object({
    reprice: z.object({
      isDryRun: z.boolean(),
      calls: z
        .object({
          changed: count,
          unchanged: count,
          priced: count,
          reported: count,
          withoutUsage: count,
          withoutPrice: count,
          beforeWatermark: count,
        })
        .describe("All calls of the ledger by what became of them."),
      models: z
        .array(z.object({ model: z.string(), calls: count, callsWithoutCost: count, costBefore: usd, costAfter: usd }))
        .describe("The changed ones, the greatest difference first."),
      modelsWithoutPrice: z.array(z.string()),
    }),
  }),
} as const;
