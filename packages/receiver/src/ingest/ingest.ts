/** Decodes requests, maps them and writes them, many in one transaction. Runs in the writing thread. */
import type { KeptSpan, TelemetryState } from "@moai-metrics/agents";
import type { Fact } from "@moai-metrics/model";
import {
  type PointBatch,
  retryBusy,
  type Store,
  StoreError,
  type TranscriptCursor,
  type UsableStore,
} from "@moai-metrics/store";
import { decodeRequest } from "../otlp/decode-request.ts";
import { MalformedRequestError } from "../otlp/malformed-request-error.ts";
import { createPointReader } from "../otlp/points.ts";
import { logRecordsOf, spansOf } from "../otlp/records.ts";
import { INGEST_KINDS, type IngestKind } from "../otlp/signals.ts";
import { type ConfigOfProject, createTrackingStore } from "../tracking-store.ts";
import type { IngestCounters, IngestOutcome, IngestRequest, ItemCounts, SessionName } from "./jobs.ts";
import { labelSessions } from "./label-sessions.ts";
import { createRecordMapper } from "./map-records.ts";
import { readHookBody } from "./read-hook-body.ts";
import { createTally } from "./tally.ts";

/** Takes requests in. */
export interface Ingest {
  /** One outcome per request, in order, when all is on disk or given up. Never rejects. Not to be called twice at a time. */
  take(requests: readonly IngestRequest[]): Promise<IngestOutcome[]>;
  counters(): IngestCounters;
}

/** Options of an ingest. */
export interface IngestOptions {
  readonly file: UsableStore;
  readonly configOf: ConfigOfProject;
  /** Attributes of senders that become tags of their sessions, also where they tell who a person is. Default: none. */
  readonly labels?: readonly string[] | undefined;
  /** Points, spans, records and attributes of one request. Default 100,000. */
  readonly maxItems?: number | undefined;
  /** How long a busy file is waited for before requests are answered with "later". Default 5,000. */
  readonly patienceMillis?: number | undefined;
  /** Monotonic clock, milliseconds. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds since 1970: hooks do not tell the time. Default `Date.now`. */
  readonly wallNow?: (() => number) | undefined;
  /** Told of every session that facts were committed of, each time. */
  readonly onSession?: ((name: SessionName) => void) | undefined;
}

/** A request that was read. */
interface ReadRequest {
  readonly signal: IngestKind;
  readonly received: number;
  readonly facts: readonly Fact[];
  /** What has to be remembered of the facts, committed with them. */
  readonly states: readonly TelemetryState[];
  readonly spans: readonly KeptSpan[];
  readonly points: PointBatch;
  readonly pointCount: number;
  /** What the protocol forbids. */
  readonly refused: ReadonlyMap<string, number>;
  /** Records that are no facts. */
  readonly passedOver: ReadonlyMap<string, number>;
}

/** What the store refused. */
interface Refused {
  readonly points: Readonly<Record<string, number>>;
  readonly facts: Readonly<Record<string, number>>;
}

const MAX_ITEMS = 100_000;
const PATIENCE_MILLIS = 5000;
/** Facts of spans that were not committed: their parents are told only once. */
const MAX_OWED = 50_000;
const NO_POINTS: PointBatch = { series: [] };
const CANNOT_BE_STORED = "cannot be stored";

/** Creates an ingest. */
export function createIngest(options: IngestOptions): Ingest {
  const { file, configOf, maxItems = MAX_ITEMS, patienceMillis = PATIENCE_MILLIS, now, onSession } = options;
  const { wallNow = Date.now, labels = [] } = options;
  const promoted = new Set(labels);
  const readPoints = createPointReader();
  const mapper = labelSessions(
    createRecordMapper({
      ofTelemetry: (key) => file.use((store) => store.readingState(key)),
      ofSpan: (key) => file.use((store) => store.spanState(key)),
    }),
    labels,
  );
  const attributes = createTally();
  const refusedFacts = createTally();
  const perSignal = Object.fromEntries(
    INGEST_KINDS.map((kind) => [
      kind,
      { received: 0, committed: 0, refused: createTally(), passedOver: createTally() },
    ]),
  ) as Record<
    IngestKind,
    {
      received: number;
      committed: number;
      refused: ReturnType<typeof createTally>;
      passedOver: ReturnType<typeof createTally>;
    }
  >;
  const counts = { commits: 0, busyAttempts: 0 };
  let owed: Fact[] = [];
  let owedSpans: KeptSpan[] = [];
  const tracking = new WeakMap<Store, Store>();

  const trackingOf = (store: Store): Store => {
    let wrapped = tracking.get(store);
    if (wrapped === undefined) {
      wrapped = createTrackingStore(store, configOf);
      tracking.set(store, wrapped);
    }
    return wrapped;
  };

  const read = ({ signal, encoding, body }: IngestRequest): ReadRequest => {
    const base = {
      signal,
      facts: [],
      states: [],
      spans: [],
      points: NO_POINTS,
      pointCount: 0,
      passedOver: new Map<string, number>(),
    };
    if (signal === "hooks") {
      const { facts, skipped } = readHookBody(body, wallNow());
      return { ...base, received: 1, facts, refused: new Map(), passedOver: new Map(skipped.map((why) => [why, 1])) };
    }
    const request = decodeRequest(signal, encoding, body, { maxItems });
    if (request.signal === "metrics") {
      const { batch, received, refused } = readPoints(request.message, attributes.add);
      return { ...base, received, refused, points: batch, pointCount: batch.series.length };
    }
    const passOver = (reason: string, amount = 1): void => {
      base.passedOver.set(reason, (base.passedOver.get(reason) ?? 0) + amount);
    };
    if (request.signal === "traces") {
      const { records, received, refused } = spansOf(request.message, attributes.add, promoted);
      return { ...base, received, refused, ...mapper.mapSpans(records, passOver) };
    }
    const { records, received, refused } = logRecordsOf(request.message, attributes.add, promoted);
    return { ...base, received, refused, ...mapper.mapLogs(records, passOver) };
  };

  const commitOnce = (
    facts: readonly Fact[],
    cursors: readonly TranscriptCursor[],
    spanLinks: readonly KeptSpan[],
    points: PointBatch,
  ): Promise<Refused> =>
    retryBusy(
      () =>
        file.use((store) => {
          const refusedPoints = points.series.length > 0 ? trackingOf(store).writePoints(points).refused : {};
          const hasFacts = facts.length > 0 || cursors.length > 0 || spanLinks.length > 0;
          const refused = hasFacts ? trackingOf(store).write({ facts, cursors, spanLinks }).refused : {};
          counts.commits += 1;
          return { points: refusedPoints, facts: refused };
        }),
      { patienceMillis, onBusy: () => (counts.busyAttempts += 1), now },
    );

  /** One outcome per request. What is refused of several together is known to no one: then each is written alone. */
  const commit = async (requests: readonly ReadRequest[]): Promise<IngestOutcome[]> => {
    const facts = owed.concat(...requests.map((request) => request.facts));
    const cursors = requests.flatMap(({ states }) => states.map(cursorOf));
    const spans = owedSpans.concat(...requests.map((request) => request.spans));
    const series = requests.flatMap(({ points }) => points.series);
    try {
      const refused = await commitOnce(facts, cursors, spans, { series });
      owed = [];
      owedSpans = [];
      if (onSession !== undefined) for (const fact of facts) if (fact.kind !== "quality") onSession(fact);
      const isAllTaken = isEmpty(refused.points) && isEmpty(refused.facts);
      if (requests.length > 1 && !isAllTaken) return await eachAlone(requests);
      return requests.map((request) => settle(request, refused));
    } catch (error) {
      if (error instanceof StoreError) return requests.map((request) => postpone(request, error));
      // One entry that cannot be written at all must not take the others with it.
      if (requests.length > 1) return await eachAlone(requests);
      return requests.map((request) => {
        owed = [];
        owedSpans = [];
        const refused = { points: countOf(request.pointCount), facts: countOf(request.facts.length) };
        return settle(request, refused);
      });
    }
  };

  const eachAlone = async (requests: readonly ReadRequest[]): Promise<IngestOutcome[]> => {
    const outcomes: IngestOutcome[] = [];
    for (const request of requests) outcomes.push(...(await commit([request])));
    return outcomes;
  };

  const settle = (request: ReadRequest, refused: Refused): IngestOutcome => {
    const counters = perSignal[request.signal];
    const reasons = new Map<string, number>(request.refused);
    for (const [reason, amount] of Object.entries(refused.points)) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + amount);
    }
    let rejected = 0;
    for (const [reason, amount] of reasons) {
      rejected += amount;
      counters.refused.add(reason, amount);
    }
    let passedOver = 0;
    for (const [reason, amount] of request.passedOver) {
      passedOver += amount;
      counters.passedOver.add(reason, amount);
    }
    counters.received += request.received;
    counters.committed += request.received - rejected - passedOver;
    for (const [reason, amount] of Object.entries(refused.facts)) {
      refusedFacts.add(reason, amount);
      // Settings that keep something out are no mistake of the sender.
      if (!reason.startsWith("switched off")) reasons.set(`fact: ${reason}`, amount);
    }
    return { state: "committed", rejected, message: messageOf(reasons) };
  };

  const postpone = (request: ReadRequest, error: StoreError): IngestOutcome => {
    // The sender will send its spans again, but what they told of the spans below them is told only once.
    const room = MAX_OWED - owed.length;
    if (request.facts.length > room) refusedFacts.add("not written in time", request.facts.length - room);
    owed = owed.concat(request.facts.slice(0, room));
    owedSpans = owedSpans.concat(request.spans).slice(-MAX_OWED);
    mapper.reset();
    return { state: "unavailable", message: error.message };
  };

  return {
    take: async (requests) => {
      const outcomes = new Array<IngestOutcome | undefined>(requests.length);
      const readable: { readonly at: number; readonly request: ReadRequest }[] = [];
      for (const [at, request] of requests.entries()) {
        try {
          readable.push({ at, request: read(request) });
        } catch (error) {
          outcomes[at] =
            error instanceof StoreError ? { state: "unavailable", message: error.message } : malformed(error);
        }
      }
      if (readable.length > 0) {
        const settled = await commit(readable.map(({ request }) => request));
        for (const [index, { at }] of readable.entries()) outcomes[at] = settled[index];
      }
      return outcomes as IngestOutcome[];
    },
    counters: () => ({
      ...counts,
      items: Object.fromEntries(
        INGEST_KINDS.map((signal) => {
          const { refused, passedOver, ...numbers } = perSignal[signal];
          return [signal, { ...numbers, refused: refused.counts(), passedOver: passedOver.counts() }];
        }),
      ) as Record<IngestKind, ItemCounts>,
      refusedFacts: refusedFacts.counts(),
      attributes: attributes.counts(),
    }),
  };
}

/** States of telemetry lie where those of transcripts lie; their keys are no paths. */
function cursorOf({ key, product, state }: TelemetryState): TranscriptCursor {
  return { path: key, product, state, inode: 0, sizeBytes: 0, modifiedAtMillis: 0, offsetBytes: 0 };
}

/** Whatever goes wrong while a body is read is the body's fault: nothing else goes into reading it. */
function malformed(error: unknown): IngestOutcome {
  if (error instanceof MalformedRequestError) {
    return { state: "malformed", kind: error.kind, message: `The body ${error.message}.` };
  }
  return { state: "malformed", kind: "malformed", message: "The body cannot be read." };
}

function countOf(amount: number): Readonly<Record<string, number>> {
  return amount > 0 ? { [CANNOT_BE_STORED]: amount } : {};
}

function isEmpty(counts: Readonly<Record<string, number>>): boolean {
  for (const _reason in counts) return false;
  return true;
}

function messageOf(reasons: ReadonlyMap<string, number>): string {
  return [...reasons].map(([reason, amount]) => `${amount} × ${reason}`).join("; ");
}
