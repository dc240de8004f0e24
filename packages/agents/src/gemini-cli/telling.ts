/** What Gemini CLI tells of its calls. Its spans repeat the log without ids. Source: its documentation of telemetry. */
import { normalizeTokens, type ProductTelling, TOKEN_CONVENTIONS, toldTokens } from "@moai-metrics/model";
import { PRODUCT } from "./product.ts";

export const GEMINI_CLI_TELLING: ProductTelling = Object.freeze({
  product: PRODUCT,
  tellers: ["transcript", "log", "metric"],
  tokenMetric: {
    metric: "gemini_cli.token.usage",
    sessionAttribute: "session.id",
    modelAttribute: "model",
    partAttribute: "type",
    tokensOf: (sums) =>
      toldTokens(
        normalizeTokens(
          {
            // What tools added to the prompt is counted beside it.
            input: (sums.get("input") ?? 0) + (sums.get("tool") ?? 0),
            cacheRead: sums.get("cache"),
            output: sums.get("output"),
            reasoning: sums.get("thought"),
          },
          TOKEN_CONVENTIONS.google,
        ),
      ),
  },
} satisfies ProductTelling);
