/** Recorded OTLP/JSON as the records that mappings read. */
import { readFileSync } from "node:fs";
import type { LogRecord, SpanRecord } from "../../src/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: the wire form, of which the recordings are known to be right.
type Wire = any;

const fixture = (name: string): Wire =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8"));

function plainValue(value: Wire): unknown {
  const [kind, given] = Object.entries(value ?? {})[0] ?? [];
  if (kind === "intValue") return Number(given);
  return kind === "arrayValue" ? ((given as Wire).values ?? []).map(plainValue) : given;
}

const attributesOf = (list: Wire[] = []): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, plainValue(value)]));
const millisOf = (nanos: unknown): number => Math.floor(Number(nanos) / 1e6);
const givenMillis = (nanos: unknown): number | undefined => (Number(nanos ?? 0) === 0 ? undefined : millisOf(nanos));

/** The log records of a recording. */
export function recordedLogs(name: string): LogRecord[] {
  return fixture(name).resourceLogs.flatMap(({ resource, scopeLogs }: Wire) =>
    scopeLogs.flatMap(({ scope, logRecords }: Wire) =>
      logRecords.map(
        (record: Wire): LogRecord => ({
          scopeName: scope?.name ?? "",
          eventName: record.eventName,
          timeMillis: givenMillis(record.timeUnixNano),
          observedMillis: givenMillis(record.observedTimeUnixNano),
          attributes: attributesOf(record.attributes),
          resource: attributesOf(resource?.attributes),
        }),
      ),
    ),
  );
}

/** The spans of a recording. */
export function recordedSpans(name: string): SpanRecord[] {
  return fixture(name).resourceSpans.flatMap(({ resource, scopeSpans }: Wire) =>
    scopeSpans.flatMap(({ scope, spans }: Wire) =>
      spans.map(
        (span: Wire): SpanRecord => ({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId || undefined,
          name: span.name,
          scopeName: scope?.name,
          startMillis: millisOf(span.startTimeUnixNano),
          endMillis: millisOf(span.endTimeUnixNano),
          isError: span.status?.code === 2,
          attributes: attributesOf(span.attributes),
          resource: attributesOf(resource?.attributes),
        }),
      ),
    ),
  );
}
