/** What a product tells of its model calls, and by which ways. */
import type { ToldTokens } from "./tokens.ts";

/** A way on which a product may tell of its calls; the most trusted one first. */
export const TELLERS = ["process", "transcript", "log", "hook", "span", "metric"] as const;
export type Teller = (typeof TELLERS)[number];

/** A metric in which a product counts its tokens by session: a second sum of what it tells call by call. */
export interface TokenMetric {
  readonly metric: string;
  /** Names of attributes of its points. */
  readonly sessionAttribute: string;
  readonly modelAttribute: string;
  /** Its value says which tokens a point counts. */
  readonly partAttribute: string;
  /** Brings sums by the value of that attribute into disjoint parts. */
  tokensOf(sumsByPart: ReadonlyMap<string, number>): ToldTokens;
}

/** What can be expected of a product when everything is switched on. */
export interface ProductTelling {
  /** As facts name it. */
  readonly product: string;
  /** Where it tells the tokens of its calls. */
  readonly tellers: readonly Teller[];
  /** Undefined: it has none by session. */
  readonly tokenMetric?: TokenMetric | undefined;
}
