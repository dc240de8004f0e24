/** The receiver's own counters, as metrics. */
import type { ExposedMetric } from "@moai-metrics/report";
import type { IngestCounters } from "../ingest/jobs.ts";
import { INGEST_KINDS } from "../otlp/signals.ts";
import type { RequestMetrics } from "./request-metrics.ts";

/** What is shown. */
export interface ReceiverState {
  readonly ingest: IngestCounters;
  readonly requests: RequestMetrics;
  readonly waitingRequests: number;
  readonly waitingBytes: number;
  readonly maxWaitingBytes: number;
  readonly residentBytes: number;
  readonly startedAtMillis: number;
}

type Sample = readonly [attributes: Readonly<Record<string, string>>, value: number];

/** Every family, those without a sample included, so that one can see what there is. */
export function receiverMetrics(state: ReceiverState): ExposedMetric[] {
  const { ingest, requests, startedAtMillis } = state;
  const items = INGEST_KINDS.map((signal) => ({ signal, counts: ingest.items[signal] }));
  const byReason = (pick: "refused" | "passedOver"): Sample[] =>
    items.flatMap(({ signal, counts }) =>
      Object.entries(counts[pick]).map(([reason, n]): Sample => [{ signal, reason }, n]),
    );
  const reasons = (counts: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(counts).map(([reason, n]) => [{ reason }, n]);
  const counterHere = (name: string, unit: string, description: string, samples: readonly Sample[]): ExposedMetric =>
    counter(name, unit, description, startedAtMillis, samples);
  return [
    counterHere(
      "moai.receiver.requests",
      "{request}",
      "Requests by path and status.",
      requests.requests().map(({ path, status, count }) => [{ path, status: String(status) }, count]),
    ),
    latencyMetric(requests, startedAtMillis),
    counterHere(
      "moai.receiver.items.received",
      "{item}",
      "Data points, log records, spans and hooks in readable requests.",
      items.map(({ signal, counts }) => [{ signal }, counts.received]),
    ),
    counterHere(
      "moai.receiver.items.stored",
      "{item}",
      "Of these, committed to the file.",
      items.map(({ signal, counts }) => [{ signal }, counts.committed]),
    ),
    counterHere(
      "moai.receiver.items.refused",
      "{item}",
      "Of these, refused; the sender was told.",
      byReason("refused"),
    ),
    counterHere(
      "moai.receiver.items.passed_over",
      "{item}",
      "Of these, not about agents, or without figures.",
      byReason("passedOver"),
    ),
    counterHere("moai.receiver.facts.refused", "{fact}", "Facts that were not stored.", reasons(ingest.refusedFacts)),
    counterHere(
      "moai.receiver.attributes.dropped",
      "{attribute}",
      "Attributes that were left out or cut.",
      reasons(ingest.attributes),
    ),
    counterHere("moai.receiver.commits", "{commit}", "Transactions.", [[{}, ingest.commits]]),
    counterHere("moai.receiver.busy_attempts", "{attempt}", "Attempts that found the file in use.", [
      [{}, ingest.busyAttempts],
    ]),
    gauge("moai.receiver.queue.requests", "{request}", "Requests that wait for their commit.", state.waitingRequests),
    gauge("moai.receiver.queue", "By", "Bytes of bodies in memory.", state.waitingBytes),
    gauge(
      "moai.receiver.queue.limit",
      "By",
      "Bytes of bodies from which on senders are told to wait.",
      state.maxWaitingBytes,
    ),
    gauge("process.resident_memory", "By", "Resident memory of the process.", state.residentBytes),
    gauge("process.start_time", "s", "Start of the process since the Unix epoch.", startedAtMillis / 1000),
  ];
}

function latencyMetric(requests: RequestMetrics, startMillis: number): ExposedMetric {
  const { buckets, count, sumSeconds } = requests.latency();
  const reached = [...buckets.map((bucket) => bucket.count), count];
  return {
    ...metric(
      "moai.receiver.request.duration",
      "s",
      "From the first byte of a request to its commit.",
      "histogram",
      buckets.map(({ leSeconds }) => leSeconds),
    ),
    series: [
      {
        attributes: {},
        sum: sumSeconds,
        count,
        bucketCounts: reached.map((below, i) => below - (reached[i - 1] ?? 0)),
        startMillis,
      },
    ],
  };
}

/** A counter with any number of samples, since one moment. */
export function counter(
  name: string,
  unit: string,
  description: string,
  startMillis: number,
  samples: readonly Sample[],
): ExposedMetric {
  return {
    ...metric(name, unit, description, "counter"),
    series: samples.map((sample) => ({ ...seriesOf(sample), startMillis })),
  };
}

/** A gauge with one sample. */
export function gauge(name: string, unit: string, description: string, value: number): ExposedMetric {
  return { ...metric(name, unit, description, "gauge"), series: [seriesOf([{}, value])] };
}

function seriesOf([attributes, sum]: Sample): ExposedMetric["series"][number] {
  return { attributes, sum, count: 0, bucketCounts: [] };
}

function metric(
  name: string,
  unit: string,
  description: string,
  kind: ExposedMetric["kind"],
  bounds: readonly number[] = [],
): Omit<ExposedMetric, "series"> {
  return { name, unit, description, kind, bounds };
}
