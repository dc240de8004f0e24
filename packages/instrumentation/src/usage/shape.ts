/** Reading values whose shape no one promised. */
import type { TokenUsage } from "@moai-metrics/model";

/** The usage of one model call, as a provider's reply tells it. */
export interface ReplyUsage {
  readonly tokens: TokenUsage;
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly responseId: string | undefined;
  readonly webSearches: number | undefined;
}

/** An object of unknown shape. */
export type Shape = Readonly<Record<string, unknown>>;

/** The value as an object with unknown fields, or undefined. */
export function shapeOf(value: unknown): Shape | undefined {
  return typeof value === "object" && value !== null ? (value as Shape) : undefined;
}

/** A finite number, or undefined. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A non-empty text, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
