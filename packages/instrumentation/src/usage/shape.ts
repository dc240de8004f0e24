/** Reading values whose shape no one promised. */
import { normalizeTokens, type ReportedTokens, type TokenConvention, type TokenUsage } from "@moai-metrics/model";
import type { ThrownOutcome } from "../outcome.ts";

/** The usage of one model call, as a provider's reply tells it. */
export interface ReplyUsage {
  /** Undefined where a failed call tells none. */
  readonly tokens: TokenUsage | undefined;
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly responseId: string | undefined;
  readonly webSearches: number | undefined;
  /** Set when the reply itself says that the call failed. */
  readonly failure?: ThrownOutcome | undefined;
}

/** An object of unknown shape. */
export type Shape = Readonly<Record<string, unknown>>;

/** The value as an object with unknown fields, or undefined. */
export function shapeOf(value: unknown): Shape | undefined {
  return typeof value === "object" && value !== null ? (value as Shape) : undefined;
}

/** A finite number, or undefined. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** The usage in normal form, or undefined where neither input nor output is known. */
export function tokensOf(reported: ReportedTokens, convention: TokenConvention): TokenUsage | undefined {
  return reported.input === undefined && reported.output === undefined
    ? undefined
    : normalizeTokens(reported, convention);
}

/** A non-empty text, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
