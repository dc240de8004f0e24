/**
 * The token algebra: one normal form for every vendor's counts.
 *
 * The parts are disjoint, so that they add up. What vendors report differently (input that includes cache reads,
 * output that excludes reasoning) is converted here, at the edge, and nowhere else.
 */

/** Token counts of one model call. All parts are non-negative integers; every part but `reasoning` is disjoint. */
export interface TokenUsage {
  /** Input tokens that were neither read from nor written to a prompt cache. */
  readonly input: number;
  /** Input tokens read from a prompt cache. */
  readonly cacheRead: number;
  /** Input tokens written to a cache that lives five minutes; writes of unknown lifetime count here. */
  readonly cacheWrite5m: number;
  /** Input tokens written to a cache that lives one hour. */
  readonly cacheWrite1h: number;
  /** All output tokens, reasoning included. */
  readonly output: number;
  /** The part of `output` spent on reasoning; 0 where the vendor does not say. Never added to a total. */
  readonly reasoning: number;
}

/** Sums of usages, and of what has no parts. */
export interface TokenSums extends TokenUsage {
  /**
   * Tokens of which only the total is known: a hook reported them for work that no model call tells of. They are neither
   * input nor output, and have no price. Left out where there are none.
   */
  readonly undivided?: number | undefined;
}

/** The names of the parts of {@link TokenUsage}, in the order in which tables and files list them. */
export const TOKEN_PARTS = [
  "input",
  "cacheRead",
  "cacheWrite5m",
  "cacheWrite1h",
  "output",
  "reasoning",
] as const satisfies readonly (keyof TokenUsage)[];

/** A usage of nothing at all. */
export const NO_TOKENS: TokenUsage = Object.freeze({
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
});

/** Tokens written to any cache. */
export function cacheWriteTokens(usage: TokenUsage): number {
  return usage.cacheWrite5m + usage.cacheWrite1h;
}

/** Everything the model read: the PRD's `prompt`, and `gen_ai.usage.input_tokens` of the GenAI conventions. */
export function promptTokens(usage: TokenUsage): number {
  return usage.input + usage.cacheRead + cacheWriteTokens(usage);
}

/** The total: input + cache reads + cache writes + output + what has no parts. */
export function totalTokens(usage: TokenSums): number {
  return promptTokens(usage) + usage.output + (usage.undivided ?? 0);
}

/** The sum of two usages, part by part. */
export function addTokens(a: TokenSums, b: TokenSums): TokenSums {
  const undivided = (a.undivided ?? 0) + (b.undivided ?? 0);
  return {
    ...(undivided === 0 ? {} : { undivided }),
    input: a.input + b.input,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m,
    cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
  };
}

/** What every witness of a call can tell: no lifetimes of cache writes, no reasoning apart. Disjoint. */
export interface ToldTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** A usage as far as every witness can tell it. */
export function toldTokens(usage: TokenUsage): ToldTokens {
  const { input, cacheRead, output } = usage;
  return { input, cacheRead, cacheWrite: cacheWriteTokens(usage), output };
}

/**
 * Orders by the total, then part by part. A total order.
 *
 * @returns a negative number, 0 or a positive number, as `Array.prototype.sort` wants it.
 */
export function compareToldTokens(a: ToldTokens, b: ToldTokens): number {
  const byTotal = a.input + a.cacheRead + a.cacheWrite + a.output - (b.input + b.cacheRead + b.cacheWrite + b.output);
  return byTotal || a.input - b.input || a.cacheRead - b.cacheRead || a.cacheWrite - b.cacheWrite;
}

/**
 * Orders usages for merging: by what every witness tells, then part by part. A total order, so that picking the
 * greater of two is commutative, associative and idempotent.
 *
 * @returns a negative number, 0 or a positive number, as `Array.prototype.sort` wants it.
 */
export function compareTokens(a: TokenUsage, b: TokenUsage): number {
  const byTold = compareToldTokens(toldTokens(a), toldTokens(b));
  if (byTold !== 0) return byTold;
  for (const part of TOKEN_PARTS) {
    const byPart = a[part] - b[part];
    if (byPart !== 0) return byPart;
  }
  return 0;
}

/** How a vendor counts: which parts its `input` and `output` already contain. */
export interface TokenConvention {
  /** `input` contains cache reads. */
  readonly inputIncludesCacheRead: boolean;
  /** `input` contains cache writes. */
  readonly inputIncludesCacheWrite: boolean;
  /** `output` contains reasoning. */
  readonly outputIncludesReasoning: boolean;
}

/**
 * The conventions in the field. Source: each vendor's API reference and the OpenTelemetry GenAI conventions,
 * which include cache tokens in the input and reasoning in the output.
 */
export const TOKEN_CONVENTIONS = {
  anthropic: { inputIncludesCacheRead: false, inputIncludesCacheWrite: false, outputIncludesReasoning: true },
  openai: { inputIncludesCacheRead: true, inputIncludesCacheWrite: true, outputIncludesReasoning: true },
  google: { inputIncludesCacheRead: true, inputIncludesCacheWrite: false, outputIncludesReasoning: false },
  semconv: { inputIncludesCacheRead: true, inputIncludesCacheWrite: true, outputIncludesReasoning: true },
} as const satisfies Record<string, TokenConvention>;

/** What a vendor reported, before conversion. A missing part counts as 0. */
export interface ReportedTokens {
  readonly input?: number | undefined;
  readonly cacheRead?: number | undefined;
  /** All cache writes, where the vendor gives one figure. */
  readonly cacheWrite?: number | undefined;
  /** The five-minute part of the writes, where the vendor splits them. */
  readonly cacheWrite5m?: number | undefined;
  /** The one-hour part of the writes, where the vendor splits them. */
  readonly cacheWrite1h?: number | undefined;
  readonly output?: number | undefined;
  readonly reasoning?: number | undefined;
}

/**
 * Converts what a vendor reported into the normal form.
 *
 * Counts that are not finite, negative or fractional are treated as 0, 0 and their floor. Where the vendor gives
 * one figure for all writes and also a split, the greater of the two sums wins and the surplus counts as
 * five-minute writes. Subtractions stop at 0.
 */
export function normalizeTokens(reported: ReportedTokens, convention: TokenConvention): TokenUsage {
  const cacheRead = toCount(reported.cacheRead);
  const cacheWrite1h = toCount(reported.cacheWrite1h);
  const cacheWrite5m = Math.max(toCount(reported.cacheWrite5m), toCount(reported.cacheWrite) - cacheWrite1h);
  const reasoning = toCount(reported.reasoning);
  const alreadyInInput =
    (convention.inputIncludesCacheRead ? cacheRead : 0) +
    (convention.inputIncludesCacheWrite ? cacheWrite5m + cacheWrite1h : 0);
  const output = toCount(reported.output) + (convention.outputIncludesReasoning ? 0 : reasoning);
  return {
    input: Math.max(0, toCount(reported.input) - alreadyInInput),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
    output,
    reasoning: Math.min(reasoning, output),
  };
}

function toCount(value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value) || value <= 0) return 0;
  return Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER);
}
