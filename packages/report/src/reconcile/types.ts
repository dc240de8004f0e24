/** What each witness told of a session, beside what the ledger holds. */
import type { Teller } from "@moai-metrics/model";

/** Why a witness told something else than the ledger holds, as far as the figures show it. */
export type GapReason =
  /** Nothing came by telemetry: it was off, or nobody received it. */
  | "telemetry_off"
  /** Other telemetry came: this kind is switched off or is not sent by this version. */
  | "not_sent"
  /** No transcript was read: it was deleted, or lies on another machine. */
  | "no_transcript"
  /** All that is missing lies before the first call that it told of. */
  | "began_later"
  /** All that is missing lies after the last call that it told of. */
  | "stopped_earlier"
  /** Calls are missing in between. */
  | "calls_missing"
  /** The same calls, other counts. */
  | "other_counts"
  /** A metric is exported once a minute, and the session ran a moment ago. */
  | "not_exported_yet"
  /** The metric counted less than its calls: exports were lost. */
  | "exports_lost"
  /** The metric counted tokens of requests that nobody told of one by one. */
  | "beyond_calls";

/** Calls and disjoint parts of tokens; null where the witness cannot tell. */
export interface ToldFields {
  /** Null for a metric, which counts no calls. */
  readonly calls: number | null;
  readonly callsWithoutUsage: number | null;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

/** What one witness told. */
export interface WitnessFields extends ToldFields {
  readonly witness: Teller;
  /** False: it told nothing, although the product can. */
  readonly hasTold: boolean;
  /** What it told minus what the ledger holds; null where either does not know. */
  readonly gapCalls: number | null;
  readonly gapTokens: number;
  /** Null where it agrees with the ledger. */
  readonly reason: GapReason | null;
}

/** Why a witness did not tell of a call that another one told of. */
export type MissedReason = Extract<GapReason, "began_later" | "stopped_earlier" | "calls_missing">;

/** One call that a witness of its session and model told of, and another one did not. */
export interface ReconciledCall {
  /** When it was complete, ISO 8601, UTC. */
  readonly endedAt: string;
  readonly agent: string;
  /** Null where nobody told its usage. */
  readonly totalTokens: number | null;
  readonly toldBy: readonly Teller[];
  readonly missedBy: readonly { readonly witness: Teller; readonly reason: MissedReason }[];
}

/** One model in a session. */
export interface ReconciledModel {
  readonly model: string;
  readonly ledger: ToldFields;
  readonly witnesses: readonly WitnessFields[];
  /** All of them, oldest first. */
  readonly missedCalls: readonly ReconciledCall[];
}

/** `agrees`: every witness that spoke told what the ledger holds. `one_witness`: there was only one to hear. */
export type Agreement = "agrees" | "differs" | "one_witness";

/** One session. Times are ISO 8601, UTC. */
export interface ReconciledSession {
  readonly sessionId: string;
  readonly product: string;
  readonly project: string;
  readonly startedAt: string;
  readonly lastActivity: string;
  readonly agreement: Agreement;
  /** Most tokens first. */
  readonly models: readonly ReconciledModel[];
  /**
   * Tokens that hooks reported of its tasks, as one number, and the part of it that sums contain because no call covers it;
   * null where none did.
   */
  readonly hookTokens: { readonly reported: number; readonly counted: number } | null;
  /** Tool calls that the ledger holds, and that each witness told of. */
  readonly toolCalls: { readonly ledger: number } & Readonly<Partial<Record<Teller, number>>>;
}

/** Sums over all sessions. */
export interface ReconcileTotals {
  readonly sessions: number;
  readonly agree: number;
  readonly differ: number;
  readonly oneWitness: number;
  readonly ledger: ToldFields;
  /** Of the witnesses that told anything. */
  readonly witnesses: Readonly<Partial<Record<Teller, ToldFields>>>;
}

export interface ReconcileReport {
  /** Newest first. */
  readonly sessions: readonly ReconciledSession[];
  readonly totals: ReconcileTotals;
}
