/** Spans and log records → facts, and why the others give none. */
import {
  childrenFirst,
  createSpanMapper,
  createTelemetryMapper,
  genAiLogFacts,
  type KeptSpan,
  type LogRecord,
  type MappedTelemetry,
  type SpanRecord,
  type TelemetryState,
} from "@moai-metrics/agents";
import type { Fact } from "@moai-metrics/model";
import type { Count } from "../otlp/attributes.ts";

/** What records gave. */
export interface MappedRecords {
  readonly facts: readonly Fact[];
  /** To be committed with the facts. */
  readonly states: readonly TelemetryState[];
  /** To be committed with the facts. */
  readonly spans: readonly KeptSpan[];
}

/** What was committed. */
export interface CommittedStates {
  /** The state of a key. */
  readonly ofTelemetry: (key: string) => string | undefined;
  /** What was kept of a span. */
  readonly ofSpan: (key: number) => string | undefined;
}

/** Maps what arrives, in the order in which it arrives. */
export interface RecordMapper {
  /** @param passOver told why a span gives no fact. */
  mapSpans(spans: readonly SpanRecord[], passOver: Count): MappedRecords;
  /** @param passOver told why a record gives no fact. */
  mapLogs(records: readonly LogRecord[], passOver: Count): MappedRecords;
  /** Forgets what was not committed. */
  reset(): void;
}

/**
 * Creates a mapper. Products that are known by name are mapped as they need it; everything else is read by the
 * conventions, for which spans are remembered until the ones around them have come.
 *
 * @param committed what it throws goes to the caller.
 */
export function createRecordMapper({ ofTelemetry, ofSpan }: CommittedStates): RecordMapper {
  const products = createTelemetryMapper({ load: ofTelemetry });
  const spanMapper = createSpanMapper({ load: ofSpan });

  const join = (known: MappedTelemetry, others: readonly Fact[], passOver: Count): MappedRecords => {
    for (const [product, reasons] of known.skipped) {
      for (const [reason, amount] of reasons) passOver(`${product}: ${reason}`, amount);
    }
    return { facts: known.facts.concat(others), states: known.states, spans: spanMapper.takeKept() };
  };

  return {
    mapSpans: (spans, passOver) => {
      const facts: Fact[] = [];
      for (const span of childrenFirst(spans)) {
        if (products.ownsSpan(span)) continue;
        const mapped = spanMapper.map(span);
        if (mapped.length === 0) passOver("span without a fact of its own");
        for (const fact of mapped) facts.push(fact);
      }
      return join(products.mapSpans(spans), facts, passOver);
    },
    mapLogs: (records, passOver) => {
      const facts: Fact[] = [];
      for (const record of records) {
        if (products.ownsLog(record)) continue;
        const mapped = genAiLogFacts(record);
        if (typeof mapped === "string") passOver(mapped);
        else for (const fact of mapped) facts.push(fact);
      }
      return join(products.mapLogs(records), facts, passOver);
    },
    reset: products.reset,
  };
}
