/** The receiver's own counters as Prometheus text, format 0.0.4. */
import type { IngestCounters } from "../ingest/jobs.ts";
import { SIGNALS } from "../otlp/signals.ts";
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

/** Content-Type of {@link renderExposition}. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number, suffix?: string];

/** Renders every family, those without a sample included, so that one can see what there is. */
export function renderExposition(state: ReceiverState): string {
  const { ingest, requests } = state;
  const items = SIGNALS.map((signal) => ({ signal, counts: ingest.items[signal] }));
  const byReason = (pick: "refused" | "passedOver"): Sample[] =>
    items.flatMap(({ signal, counts }) =>
      Object.entries(counts[pick]).map(([reason, n]): Sample => [{ signal, reason }, n]),
    );
  const reasons = (counts: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(counts).map(([reason, n]) => [{ reason }, n]);
  const { buckets, count, sumSeconds } = requests.latency();
  const latency: Sample[] = [
    ...buckets.map(({ leSeconds, count: n }): Sample => [{ le: String(leSeconds) }, n, "_bucket"]),
    [{ le: "+Inf" }, count, "_bucket"],
    [{}, sumSeconds, "_sum"],
    [{}, count, "_count"],
  ];
  return [
    family(
      "moai_receiver_requests_total",
      "counter",
      "Requests by path and status.",
      requests.requests().map(({ path, status, count: n }) => [{ path, status: String(status) }, n]),
    ),
    family(
      "moai_receiver_request_duration_seconds",
      "histogram",
      "From the first byte of a request to its commit.",
      latency,
    ),
    family(
      "moai_receiver_items_received_total",
      "counter",
      "Data points, log records and spans in readable requests.",
      items.map(({ signal, counts }) => [{ signal }, counts.received]),
    ),
    family(
      "moai_receiver_items_stored_total",
      "counter",
      "Of these, committed to the file.",
      items.map(({ signal, counts }) => [{ signal }, counts.committed]),
    ),
    family(
      "moai_receiver_items_refused_total",
      "counter",
      "Of these, refused; the sender was told.",
      byReason("refused"),
    ),
    family(
      "moai_receiver_items_passed_over_total",
      "counter",
      "Of these, not about agents, or without figures.",
      byReason("passedOver"),
    ),
    family("moai_receiver_facts_refused_total", "counter", "Facts that were not stored.", reasons(ingest.refusedFacts)),
    family(
      "moai_receiver_attributes_dropped_total",
      "counter",
      "Attributes that were left out or cut.",
      reasons(ingest.attributes),
    ),
    family("moai_receiver_commits_total", "counter", "Transactions.", [[{}, ingest.commits]]),
    family("moai_receiver_busy_attempts_total", "counter", "Attempts that found the file in use.", [
      [{}, ingest.busyAttempts],
    ]),
    family("moai_receiver_queue_requests", "gauge", "Requests that wait for their commit.", [
      [{}, state.waitingRequests],
    ]),
    family("moai_receiver_queue_bytes", "gauge", "Bytes of bodies in memory.", [[{}, state.waitingBytes]]),
    family("moai_receiver_queue_limit_bytes", "gauge", "Bytes of bodies from which on senders are told to wait.", [
      [{}, state.maxWaitingBytes],
    ]),
    family("process_resident_memory_bytes", "gauge", "Resident memory of the process.", [[{}, state.residentBytes]]),
    family("process_start_time_seconds", "gauge", "Start of the process since the Unix epoch.", [
      [{}, state.startedAtMillis / 1000],
    ]),
  ].join("");
}

function family(
  name: string,
  type: "counter" | "gauge" | "histogram",
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples.map(([labels, value, suffix = ""]) => `${name}${suffix}${labelsOf(labels)} ${value}`);
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n")}\n`;
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replace(/[\r\0]/g, "");
}
