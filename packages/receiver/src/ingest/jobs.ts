/** What travels between the thread that listens and the thread that decodes and writes. */
import type { Environment } from "@moai-metrics/settings";
import type { MalformedKind } from "../otlp/malformed-request-error.ts";
import type { Encoding, IngestKind } from "../otlp/signals.ts";

/** The body of one request, decompressed. */
export interface IngestRequest {
  readonly signal: IngestKind;
  readonly encoding: Encoding;
  readonly body: Uint8Array;
}

/** What became of a request. */
export type IngestOutcome =
  /** It is on disk, but for what was refused; `message` says why. */
  | { readonly state: "committed"; readonly rejected: number; readonly message: string }
  /** It can never be read. */
  | { readonly state: "malformed"; readonly kind: MalformedKind; readonly message: string }
  /** It cannot be written now; nothing of it is acknowledged. */
  | { readonly state: "unavailable"; readonly message: string };

/** What has come in, by kind. Items are data points, log records, spans and payloads of hooks. */
export interface ItemCounts {
  readonly received: number;
  /** Points in the file, and records whose facts are in the file. */
  readonly committed: number;
  /** Items that the protocol or the store forbids, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Records that are no facts, by reason. */
  readonly passedOver: Readonly<Record<string, number>>;
}

/** What the writing thread has done so far. */
export interface IngestCounters {
  readonly items: Readonly<Record<IngestKind, ItemCounts>>;
  /** Facts that the store refused or the settings keep out, by reason. */
  readonly refusedFacts: Readonly<Record<string, number>>;
  /** Attributes that were left out or cut, by reason. */
  readonly attributes: Readonly<Record<string, number>>;
  readonly commits: number;
  /** Attempts that found the file in use by another process. */
  readonly busyAttempts: number;
}

const NO_ITEMS: ItemCounts = Object.freeze({ received: 0, committed: 0, refused: {}, passedOver: {} });

/** What a thread that has not begun has done. */
export const NOTHING_INGESTED: IngestCounters = Object.freeze({
  items: { metrics: NO_ITEMS, logs: NO_ITEMS, traces: NO_ITEMS, hooks: NO_ITEMS },
  refusedFacts: {},
  attributes: {},
  commits: 0,
  busyAttempts: 0,
});

/** Many requests in one message: one buffer, cut at `ends`. */
export interface IngestBatch {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly parts: readonly {
    readonly signal: IngestKind;
    readonly encoding: Encoding;
    readonly end: number;
  }[];
}

/** A session that something was received of. */
export interface SessionName {
  readonly product: string;
  readonly sessionId: string;
}

/** The answer to a batch: one outcome per part, in order. */
export interface IngestReport {
  readonly number: number;
  readonly outcomes: readonly IngestOutcome[];
  readonly counters: IngestCounters;
  /** Sessions of which facts were committed for the first time; empty where nobody asked for them. */
  readonly newSessions: readonly SessionName[];
}

/** What the writing thread is told when it starts. */
export interface IngestPlace {
  readonly storage: string;
  readonly environment: Environment;
  /** Whether reports name the sessions that facts are of. */
  readonly namesSessions: boolean;
}

/** Puts bodies into one buffer that can change its thread without being copied again. */
export function packBatch(number: number, requests: readonly IngestRequest[]): IngestBatch {
  const bytes = new Uint8Array(requests.reduce((sum, { body }) => sum + body.length, 0));
  let end = 0;
  const parts = requests.map(({ signal, encoding, body }) => {
    bytes.set(body, end);
    end += body.length;
    return { signal, encoding, end };
  });
  return { number, bytes, parts };
}

/** The requests of a batch. */
export function unpackBatch({ bytes, parts }: IngestBatch): IngestRequest[] {
  let start = 0;
  return parts.map(({ signal, encoding, end }) => {
    const body = bytes.subarray(start, end);
    start = end;
    return { signal, encoding, body };
  });
}
