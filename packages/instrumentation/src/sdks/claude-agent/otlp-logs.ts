/** Reads logs in OTLP's JSON. Source: the OpenTelemetry protocol, `ExportLogsServiceRequest`. */
import type { LogRecord } from "@moai-metrics/agents/claude-code";
import { type Shape, shapeOf, textOf } from "../../usage/shape.ts";

/** The records of one request; what is not as it should be is left out. */
export function readLogs(request: unknown): LogRecord[] {
  return listOf(shapeOf(request)?.["resourceLogs"]).flatMap((of) => {
    const resource = attributesOf(shapeOf(of["resource"]));
    return listOf(of["scopeLogs"]).flatMap((scoped) => {
      const scopeName = textOf(shapeOf(scoped["scope"])?.["name"]) ?? "";
      return listOf(scoped["logRecords"]).map((record) => ({
        scopeName,
        eventName: textOf(record["eventName"]),
        timeMillis: millisOf(record["timeUnixNano"]),
        observedMillis: millisOf(record["observedTimeUnixNano"]),
        attributes: attributesOf(record),
        resource,
      }));
    });
  });
}

function listOf(value: unknown): Shape[] {
  return Array.isArray(value) ? value.map(shapeOf).filter((each) => each !== undefined) : [];
}

function attributesOf(holder: Shape | undefined): Record<string, unknown> {
  const entries = listOf(holder?.["attributes"]).map(
    ({ key, value }) => [String(key), anyValue(shapeOf(value))] as const,
  );
  return Object.fromEntries(entries);
}

/** Numbers, texts and truth values; 64-bit numbers are written as text. */
function anyValue(value: Shape | undefined): unknown {
  const { intValue, doubleValue, stringValue, boolValue } = value ?? {};
  return intValue === undefined ? (doubleValue ?? stringValue ?? boolValue) : Number(intValue);
}

/** Nanoseconds as text; 0 for unknown. */
function millisOf(nanos: unknown): number | undefined {
  const millis = Math.trunc(Number(nanos) / 1e6);
  return Number.isFinite(millis) && millis > 0 ? millis : undefined;
}
