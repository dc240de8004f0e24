/** Maps logs and spans of the products that are known by name. */
import type { Fact } from "@moai-metrics/model";
import { createClaudeCodeTelemetry } from "../claude-code/telemetry.ts";
import { createCodexTelemetry } from "../codex/telemetry.ts";
import { createGeminiCliTelemetry } from "../gemini-cli/telemetry.ts";
import type { SpanRecord } from "../genai/span-record.ts";
import { createUsageKeys, type UsageKeys } from "../usage-keys.ts";
import type { Mapped, ProductTelemetry } from "./contract.ts";
import type { LogRecord } from "./log-record.ts";

/** What must be kept between two runs of a daemon, so that calls without an id keep their names. */
export interface TelemetryState {
  /** Names the state; unique among all products and sessions. */
  readonly key: string;
  readonly product: string;
  readonly state: string;
}

/** What records gave. */
export interface MappedTelemetry {
  readonly facts: readonly Fact[];
  /** Records that gave no fact, by product and reason. */
  readonly skipped: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** To be committed with the facts. */
  readonly states: readonly TelemetryState[];
}

/** Maps what arrives, in the order in which it arrives. */
export interface TelemetryMapper {
  /** Whether a log record is of a known product; others are not handed to {@link mapLogs}. */
  ownsLog(record: LogRecord): boolean;
  ownsSpan(span: SpanRecord): boolean;
  mapLogs(records: readonly LogRecord[]): MappedTelemetry;
  mapSpans(spans: readonly SpanRecord[]): MappedTelemetry;
  /** Forgets what was not committed: the next records go on from the states that {@link TelemetryOptions.load} gives. */
  reset(): void;
}

/** Options of a mapper. */
export interface TelemetryOptions {
  /** The committed state of a key; undefined for one that was never committed. */
  readonly load: (key: string) => string | undefined;
}

/** Sessions whose states are held at a time. */
const MAX_SESSIONS = 1_000;

/** Creates a {@link TelemetryMapper}. */
export function createTelemetryMapper({ load }: TelemetryOptions): TelemetryMapper {
  const products: readonly ProductTelemetry[] = [
    createClaudeCodeTelemetry(),
    createCodexTelemetry(),
    createGeminiCliTelemetry(),
  ];
  const keys = new Map<string, UsageKeys>();

  const keysAt = (key: string): UsageKeys => {
    let found = keys.get(key);
    if (found === undefined) {
      const [oldest] = keys.keys();
      if (keys.size >= MAX_SESSIONS && oldest !== undefined) keys.delete(oldest);
      found = createUsageKeys(load(key));
      keys.set(key, found);
    }
    return found;
  };

  const mapAll = <Given>(
    records: readonly Given[],
    owns: (product: ProductTelemetry, record: Given) => boolean,
    map: (product: ProductTelemetry, record: Given, keysOf: (sessionId: string) => UsageKeys) => Mapped,
  ): MappedTelemetry => {
    const facts: Fact[] = [];
    const skipped = new Map<string, Map<string, number>>();
    const touched = new Map<string, { readonly product: string; readonly keys: UsageKeys }>();
    for (const record of records) {
      const owner = products.find((product) => owns(product, record));
      if (owner === undefined) continue;
      const { product } = owner;
      const mapped = map(owner, record, (sessionId) => {
        const key = `log:${product}:${sessionId}`;
        const found = keysAt(key);
        touched.set(key, { product, keys: found });
        return found;
      });
      if (typeof mapped === "string") addCount(skipped, product, mapped);
      else facts.push(...mapped);
    }
    const states = [...touched].map(([key, { product, keys: used }]) => ({ key, product, state: used.encode() }));
    return { facts, skipped, states };
  };

  return {
    ownsLog: (record) => products.some((product) => product.ownsLog(record)),
    ownsSpan: (span) => products.some((product) => product.ownsSpan(span)),
    mapLogs: (records) =>
      mapAll(
        records,
        (product, record) => product.ownsLog(record),
        (product, record, keysOf) => product.mapLog(record, keysOf),
      ),
    mapSpans: (spans) =>
      mapAll(
        spans,
        (product, span) => product.ownsSpan(span),
        (product, span) => product.mapSpan(span),
      ),
    reset: () => keys.clear(),
  };
}

function addCount(counts: Map<string, Map<string, number>>, product: string, reason: string): void {
  const ofProduct = counts.get(product) ?? new Map<string, number>();
  counts.set(product, ofProduct);
  ofProduct.set(reason, (ofProduct.get(reason) ?? 0) + 1);
}
