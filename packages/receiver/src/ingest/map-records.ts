/** Spans and log records → facts, and why the others give none. */
import { createSpanMapper, genAiLogFacts, type LogRecord, type SpanRecord } from "@moai-metrics/agents";
import type { Fact } from "@moai-metrics/model";
import type { Count } from "../otlp/attributes.ts";

/** Maps what arrives, in the order in which it arrives. */
export interface RecordMapper {
  /** @param passOver told why a span gives no fact. */
  mapSpans(spans: readonly SpanRecord[], passOver: Count): Fact[];
  /** @param passOver told why a record gives no fact. */
  mapLogs(records: readonly LogRecord[], passOver: Count): Fact[];
}

/**
 * Products whose spans follow the conventions in part and tell the same calls as their transcripts, without an id that
 * both know: read as plain GenAI spans they would count twice.
 */
const KNOWN_PRODUCTS = /^(?:claude-code|codex|gemini-cli|qwen-code)/;
const NOT_MAPPED = "of a product whose telemetry is not mapped yet";

/** Creates a mapper. It remembers spans until the ones around them have come. */
export function createRecordMapper(): RecordMapper {
  const spanMapper = createSpanMapper();
  return {
    mapSpans: (spans, passOver) => {
      const facts: Fact[] = [];
      for (const span of spans) {
        if (isOfKnownProduct(span)) {
          passOver(NOT_MAPPED);
          continue;
        }
        const mapped = spanMapper.map(span);
        if (mapped.length === 0) passOver("span without a fact of its own");
        for (const fact of mapped) facts.push(fact);
      }
      return facts;
    },
    mapLogs: (records, passOver) => {
      const facts: Fact[] = [];
      for (const record of records) {
        const mapped = isOfKnownProduct(record) ? NOT_MAPPED : genAiLogFacts(record);
        if (typeof mapped === "string") passOver(mapped);
        else for (const fact of mapped) facts.push(fact);
      }
      return facts;
    },
  };
}

function isOfKnownProduct({ resource, scopeName }: SpanRecord | LogRecord): boolean {
  const service = resource["service.name"];
  return (typeof service === "string" && KNOWN_PRODUCTS.test(service)) || KNOWN_PRODUCTS.test(scopeName ?? "");
}
