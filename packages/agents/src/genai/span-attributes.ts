/** Reads a span's attributes under the names of every generation of the conventions. */
import {
  type ConventionKey,
  knownNames,
  normalizeTokens,
  TOKEN_CONVENTIONS,
  type TokenUsage,
} from "@moai-metrics/model";
import { MAX_PATH_LENGTH, textOf } from "../jsonl/json-values.ts";
import type { SpanRecord } from "./span-record.ts";

/** A non-empty text under any name of a key; an overlong one counts as absent. */
export function textAttribute(span: SpanRecord, key: ConventionKey): string | undefined {
  return textIn(span.attributes, key, key === "project" ? MAX_PATH_LENGTH : undefined);
}

/** A non-empty text among the attributes of the span's resource. */
export function resourceText(span: SpanRecord, key: ConventionKey): string | undefined {
  return textIn(span.resource, key);
}

/** A number under any name of a key; 64-bit integers may come as text or bigint. */
export function numberAttribute(span: SpanRecord, key: ConventionKey): number | undefined {
  for (const name of knownNames(key)) {
    const value = span.attributes[name];
    if (value === undefined || value === null || value === "") continue;
    const number =
      typeof value === "number" || typeof value === "bigint" || typeof value === "string" ? Number(value) : NaN;
    if (Number.isFinite(number)) return number;
  }
  return undefined;
}

/** The usage that a span reports, or undefined where it reports none. */
export function usageOf(span: SpanRecord): TokenUsage | undefined {
  const input = numberAttribute(span, "usageInputTokens");
  const output = numberAttribute(span, "usageOutputTokens");
  if (input === undefined && output === undefined) return undefined;
  return normalizeTokens(
    {
      input,
      output,
      cacheRead: numberAttribute(span, "usageCacheReadTokens"),
      cacheWrite: numberAttribute(span, "usageCacheWriteTokens"),
      cacheWrite1h: numberAttribute(span, "usageCacheWrite1hTokens"),
      reasoning: numberAttribute(span, "usageReasoningTokens"),
    },
    TOKEN_CONVENTIONS.semconv,
  );
}

function textIn(
  attributes: Readonly<Record<string, unknown>>,
  key: ConventionKey,
  maxLength?: number,
): string | undefined {
  for (const name of knownNames(key)) {
    const value = textOf(attributes[name], maxLength);
    if (value !== undefined) return value;
  }
  return undefined;
}
