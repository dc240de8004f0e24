/** What models cost, line by line. */
import type { PriceLine } from "@moai-metrics/settings";

/** One price of a model: of its standard or fast mode, for prompts from some length on. Dollars per million tokens. */
export interface PriceRow {
  readonly model: string;
  readonly speed: "standard" | "fast";
  /** It holds for every token of a call whose prompt is longer than this. */
  readonly abovePromptTokens: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Dollars for one web search. */
  readonly webSearch: number;
  /** First day (UTC) on which it holds, where its origin says one. */
  readonly from: string | null;
  /** Where it comes from, and which issue. */
  readonly origin: string;
}

/** Puts the lines of a price book into rows. */
export function priceRows(model: string, lines: readonly PriceLine[]): PriceRow[] {
  return lines.map(({ speed, abovePromptTokens, prices, from }) => ({
    model,
    speed: speed ?? "standard",
    abovePromptTokens,
    input: dollarsPerMillion(prices.input),
    output: dollarsPerMillion(prices.output),
    cacheRead: dollarsPerMillion(prices.cacheRead),
    cacheWrite5m: dollarsPerMillion(prices.cacheWrite5m),
    cacheWrite1h: dollarsPerMillion(prices.cacheWrite1h),
    webSearch: prices.webSearch / 1e9,
    from: from ?? null,
    origin: prices.source,
  }));
}

/** Rounded where a double cannot tell the quotient from the number that was meant. */
function dollarsPerMillion(nanoPerToken: number): number {
  return Number((nanoPerToken / 1_000).toPrecision(12));
}
