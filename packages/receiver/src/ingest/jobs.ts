/** What travels between the thread that listens and the thread that decodes and writes. */
import type { Environment } from "@moai-metrics/settings";
import type { MalformedKind } from "../otlp/malformed-request-error.ts";
import { ENCODINGS, type Encoding, INGEST_KINDS, type IngestKind } from "../otlp/signals.ts";

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

/** Many requests in one message. Numbers in lists of numbers: to hand an object per request over costs more than to read it. */
export interface IngestBatch {
  readonly number: number;
  /** All bodies. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each body ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** What each body is: a place in the list of kinds. */
  readonly kinds: Uint8Array<ArrayBuffer>;
}

/** A session that something was received of. */
export interface SessionName {
  readonly product: string;
  readonly sessionId: string;
}

/** The answer to a batch. */
export interface IngestReport {
  readonly number: number;
  /** One outcome per request, in order. */
  readonly outcomes: PackedOutcomes;
  readonly counters: IngestCounters;
  /** Sessions of which facts were committed for the first time; empty where nobody asked for them. */
  readonly newSessions: readonly SessionName[];
}

/** Outcomes, of which nearly all are the same. */
export interface PackedOutcomes {
  /** 1 for each request that was taken whole, else 0. */
  readonly taken: Uint8Array<ArrayBuffer>;
  /** The outcomes of the others, in order. */
  readonly others: readonly IngestOutcome[];
}

/** What the writing thread is told when it starts. */
export interface IngestPlace {
  readonly storage: string;
  readonly environment: Environment;
  /** Whether reports name the sessions that facts are of. */
  readonly namesSessions: boolean;
}

const KINDS = INGEST_KINDS.flatMap((signal) => ENCODINGS.map((encoding) => ({ signal, encoding })));

/** Puts bodies into one buffer, to be handed over without being copied again. */
export function packBatch(number: number, requests: readonly IngestRequest[]): IngestBatch {
  const bytes = new Uint8Array(requests.reduce((sum, { body }) => sum + body.length, 0));
  const ends = new Uint32Array(requests.length);
  const kinds = new Uint8Array(requests.length);
  let end = 0;
  for (const [at, { signal, encoding, body }] of requests.entries()) {
    bytes.set(body, end);
    end += body.length;
    ends[at] = end;
    kinds[at] = KINDS.findIndex((kind) => kind.signal === signal && kind.encoding === encoding);
  }
  return { number, bytes, ends, kinds };
}

/** The requests of a batch. */
export function unpackBatch({ bytes, ends, kinds }: IngestBatch): IngestRequest[] {
  return Array.from(ends, (end, at) => {
    const kind = KINDS[kinds[at] ?? -1];
    if (kind === undefined) throw new RangeError(`A batch holds a request of the kind ${kinds[at]}.`);
    return { ...kind, body: bytes.subarray(ends[at - 1] ?? 0, end) };
  });
}

const TAKEN: IngestOutcome = Object.freeze({ state: "committed", rejected: 0, message: "" });

/** Outcomes as they travel. */
export function packOutcomes(outcomes: readonly IngestOutcome[]): PackedOutcomes {
  const isTaken = (outcome: IngestOutcome): boolean =>
    outcome.state === "committed" && outcome.rejected === 0 && outcome.message === "";
  const taken = Uint8Array.from(outcomes, (outcome) => (isTaken(outcome) ? 1 : 0));
  return { taken, others: outcomes.filter((outcome) => !isTaken(outcome)) };
}

/** Reads them back. */
export function unpackOutcomes({ taken, others }: PackedOutcomes): (IngestOutcome | undefined)[] {
  let next = 0;
  return Array.from(taken, (isTaken) => (isTaken === 1 ? TAKEN : others[next++]));
}
