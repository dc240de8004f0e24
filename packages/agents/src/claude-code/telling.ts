/** What Claude Code tells of its calls. Source: its documentation of monitoring. */
import { normalizeTokens, type ProductTelling, TOKEN_CONVENTIONS, toldTokens } from "@moai-metrics/model";
import { PRODUCT } from "./product.ts";

export const CLAUDE_CODE_TELLING: ProductTelling = Object.freeze({
  product: PRODUCT,
  tellers: ["transcript", "log", "span", "metric"],
  tokenMetric: {
    metric: "claude_code.token.usage",
    sessionAttribute: "session.id",
    modelAttribute: "model",
    partAttribute: "type",
    tokensOf: (sums) =>
      toldTokens(
        normalizeTokens(
          {
            input: sums.get("input"),
            cacheRead: sums.get("cacheRead"),
            cacheWrite: sums.get("cacheCreation"),
            output: sums.get("output"),
          },
          TOKEN_CONVENTIONS.anthropic,
        ),
      ),
  },
} satisfies ProductTelling);
