/** Why a witness told something else than the ledger holds. Pure. */
import type { Teller, ToldTokens } from "@moai-metrics/model";
import type { ToldCalls } from "@moai-metrics/store";
import type { GapReason, MissedReason } from "./types.ts";

/** What one witness told, beside what the ledger holds. */
export interface Comparison {
  readonly teller: Teller;
  readonly ledger: ToldCalls;
  /** Undefined: it told nothing. */
  readonly told: Told | undefined;
  /** Other telemetry of the same session told something. */
  readonly hasOtherTelemetry: boolean;
  /** How long ago the session was last active. */
  readonly quietMillis: number;
}

/** What a witness told; of a metric only the tokens. */
export interface Told {
  readonly tokens: ToldTokens;
  readonly calls?: ToldCalls | undefined;
}

/** Metrics are exported once a minute by default; a second one may be under way. */
const EXPORT_MILLIS = 120_000;

/** The reason, or null where the witness told what the ledger holds. */
export function planReason(comparison: Comparison): GapReason | null {
  const { told, ledger, quietMillis } = comparison;
  if (told === undefined) return reasonOfSilence(comparison);
  const gap = totalOf(told.tokens) - totalOf(ledger.tokens);
  if (told.calls === undefined) {
    if (isSameTokens(told.tokens, ledger.tokens)) return null;
    if (gap > 0) return "beyond_calls";
    return quietMillis < EXPORT_MILLIS ? "not_exported_yet" : "exports_lost";
  }
  const { calls } = told;
  if (calls.calls < ledger.calls) return reasonOfMissingCalls(calls, ledger);
  return isSameTokens(told.tokens, ledger.tokens) ? null : "other_counts";
}

function reasonOfSilence({ teller, hasOtherTelemetry }: Comparison): GapReason {
  if (teller === "transcript") return "no_transcript";
  return hasOtherTelemetry ? "not_sent" : "telemetry_off";
}

/**
 * When the first and the last call of the ledger lie outside of what a witness told, calls are missing on that side; a
 * gap on one side alone is a beginning or an end, anything else lies in between.
 */
function reasonOfMissingCalls(told: ToldCalls, ledger: ToldCalls): GapReason {
  const isLate = told.firstMillis > ledger.firstMillis;
  const isShort = told.lastMillis < ledger.lastMillis;
  if (isLate && !isShort) return "began_later";
  return isShort && !isLate ? "stopped_earlier" : "calls_missing";
}

/** Why a witness did not tell of one call, by when it began and ended to tell of others. */
export function planMissedReason(endedAtMillis: number, told: ToldCalls): MissedReason {
  if (endedAtMillis < told.firstMillis) return "began_later";
  return endedAtMillis > told.lastMillis ? "stopped_earlier" : "calls_missing";
}

function isSameTokens(a: ToldTokens, b: ToldTokens): boolean {
  return a.input === b.input && a.cacheRead === b.cacheRead && a.cacheWrite === b.cacheWrite && a.output === b.output;
}

/** All tokens. */
export function totalOf({ input, cacheRead, cacheWrite, output }: ToldTokens): number {
  return input + cacheRead + cacheWrite + output;
}
