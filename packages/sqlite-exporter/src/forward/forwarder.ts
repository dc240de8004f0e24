/**
 * Pushes the store's counters to an OTLP backend. What is pushed is the state, not a queue: a backend that was down for
 * hours gets with the next push all that happened meanwhile, and nothing waits in memory or on disk for it.
 */
import { canonicalName } from "@moai-metrics/model";
import type { ExposedAnswer } from "@moai-metrics/store";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { MOAI_SCOPE } from "../producer/scope.ts";
import { toMetricData } from "../producer/to-metric-data.ts";
import { type ClosableAgents, createClosableAgents } from "./closable-agents.ts";
import { planPause } from "./plan-push.ts";

/** The counters of one reader. */
export interface ForwardSource {
  /** What is to be pushed; the reader does not have it yet. */
  expose(): Promise<ExposedAnswer>;
  /** The backend has what was exposed last. */
  confirm(): Promise<void>;
}

/** Where to, and how. */
export interface ForwardTarget {
  /** Address for metrics, used as it is. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly temporality: "cumulative" | "delta";
  readonly intervalMillis: number;
}

/** Options of a forwarder. */
export interface ForwarderOptions extends ForwardTarget {
  readonly source: ForwardSource;
  /** Tells this store from others at the backend; the same after every restart. */
  readonly instanceId: string;
  /** For one push, its retries included. Default 10,000. */
  readonly timeoutMillis?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What became of the pushes. */
export interface ForwardCounters {
  /** By outcome: `success`, `unreadable` (the file could not be used), `unreachable`, or an HTTP status. */
  readonly pushes: Readonly<Record<string, number>>;
  /** When the last push succeeded; undefined before the first. */
  readonly lastSuccessMillis: number | undefined;
}

/** Pushes until it is stopped. */
export interface Forwarder {
  /** Pushes now and then on; at most one push at a time. */
  start(): void;
  /** One push. Never rejects; the outcome is among the counters. */
  push(): Promise<string>;
  counters(): ForwardCounters;
  /** Ends the running push and pushes what is left once, briefly. */
  stop(): Promise<void>;
}

const TIMEOUT_MILLIS = 10_000;
/** A daemon that is stopped does not wait for a backend that is down. */
const LAST_PUSH_MILLIS = 2_000;
/** The backend will never take this data, however often it is sent. */
const HOPELESS = new Set([400, 413, 422]);

/** Creates a forwarder that does nothing yet. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { source, url, headers, temporality, intervalMillis, now, random = Math.random } = options;
  const resource = resourceFromAttributes({
    "service.name": "moai-metrics",
    "service.instance.id": options.instanceId,
    [canonicalName("forwarded")]: true,
  });
  const pusherFor = (timeoutMillis: number): Pusher => {
    const agents = createClosableAgents();
    const exporter = new OTLPMetricExporter({
      url,
      headers: { ...headers },
      timeoutMillis,
      compression: GZIP,
      httpAgentOptions: agents.agentFor,
    });
    return { exporter, agents, timeoutMillis };
  };
  const pusher = pusherFor(options.timeoutMillis ?? TIMEOUT_MILLIS);
  const pushes: Record<string, number> = {};
  let failures = 0;
  let lastSuccessMillis: number | undefined;
  let sinceMillis = now();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<string> | undefined;
  let isStopped = false;

  const send = async ({ exporter, agents, timeoutMillis }: Pusher, data: ResourceMetrics): Promise<ExportResult> => {
    // The exporter's own limit is one of silence: a reply that drips would go on for ever.
    const deadline = setTimeout(agents.closeAll, timeoutMillis);
    try {
      return await new Promise((resolve) => exporter.export(data, resolve));
    } finally {
      clearTimeout(deadline);
    }
  };

  const pushWith = async (by: Pusher): Promise<string> => {
    try {
      const nowMillis = now();
      const metrics = toMetricData(await source.expose(), { temporality, nowMillis, sinceMillis });
      const scopeMetrics = [{ scope: MOAI_SCOPE, metrics }];
      const result = metrics.length === 0 ? DONE : await send(by, { resource, scopeMetrics });
      const outcome = outcomeOf(result);
      // Growth that a backend refuses for good would be refused again with every later one.
      if (outcome === SUCCESS || (temporality === "delta" && HOPELESS.has(Number(outcome)))) {
        await source.confirm();
        sinceMillis = nowMillis;
      }
      if (outcome === SUCCESS) lastSuccessMillis = nowMillis;
      return outcome;
    } catch {
      return "unreadable";
    }
  };

  const push = (by = pusher): Promise<string> => {
    running ??= pushWith(by).then((outcome) => {
      running = undefined;
      pushes[outcome] = (pushes[outcome] ?? 0) + 1;
      failures = outcome === SUCCESS ? 0 : failures + 1;
      return outcome;
    });
    return running;
  };

  const schedule = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void push().then(schedule), planPause(failures, intervalMillis, random()));
    timer.unref();
  };

  return {
    start: () => void push().then(schedule),
    push: () => push(),
    counters: () => ({ pushes: { ...pushes }, lastSuccessMillis }),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      // A push that waits for its retries is not waited for; behind one that ends, what came meanwhile is left.
      if (running !== undefined)
        await Promise.race([running, new Promise((resolve) => setTimeout(resolve, LAST_PUSH_MILLIS))]);
      if (running === undefined) await push(pusherFor(LAST_PUSH_MILLIS));
    },
  };
}

interface Pusher {
  readonly exporter: OTLPMetricExporter;
  readonly agents: ClosableAgents;
  readonly timeoutMillis: number;
}

const SUCCESS = "success";
const DONE: ExportResult = { code: ExportResultCode.SUCCESS };
/** `CompressionAlgorithm.GZIP`, whose package would be one more dependency. */
const GZIP = "gzip" as never;

function outcomeOf({ code, error }: ExportResult): string {
  if (code === ExportResultCode.SUCCESS) return SUCCESS;
  const status = (error as { code?: unknown } | undefined)?.code;
  return typeof status === "number" ? String(status) : "unreachable";
}
