/** What a hook reported of a task, as a row tells it. */
import type { TokenSums } from "@moai-metrics/model";
import type { ReportOfHook } from "./types.ts";

/** Columns of `task` that the report needs. */
export const SELECTED_REPORT = [
  "report_rank",
  "reported_name",
  "reported_tokens",
  "reported_ms",
  "is_covered",
] as const;

export interface ReportColumns {
  readonly report_rank: number;
  readonly reported_name: string | null;
  readonly reported_tokens: number | null;
  readonly reported_ms: number | null;
  readonly is_covered: number;
}

/** Undefined where no hook has reported. */
export function reportRow(row: ReportColumns): ReportOfHook | undefined {
  if (row.report_rank === 0) return undefined;
  return {
    name: row.reported_name ?? "",
    tokens: row.reported_tokens ?? undefined,
    durationMillis: row.reported_ms ?? undefined,
    isCounted: row.is_covered === 0,
  };
}

/** Tokens of calls, and those that only hooks reported. */
export function withUndivided(tokens: TokenSums, undivided: number): TokenSums {
  return undivided === 0 ? tokens : { ...tokens, undivided };
}
