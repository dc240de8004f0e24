import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeRequest } from "../../src/otlp/decode-request.ts";
import { logRecordsOf, spansOf } from "../../src/otlp/records.ts";
import type { Encoding } from "../../src/otlp/signals.ts";

const LIMITS = { maxItems: 100_000 };
const recording = (name: string): Buffer => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url));
const ignore = (): void => {};

function spans(body: Uint8Array, encoding: Encoding) {
  const request = decodeRequest("traces", encoding, body, LIMITS);
  if (request.signal !== "traces") throw new Error("not traces");
  return spansOf(request.message, ignore);
}

function logs(body: Uint8Array, encoding: Encoding) {
  const request = decodeRequest("logs", encoding, body, LIMITS);
  if (request.signal !== "logs") throw new Error("not logs");
  return logRecordsOf(request.message, ignore);
}

describe("reading spans and log records", () => {
  it("reads the two model calls of a recorded Claude Code session from its spans", () => {
    const { records, received, refused } = spans(recording("claude-code-traces.pb"), "protobuf");
    const calls = records.filter(({ name }) => name === "claude_code.llm_request");
    expect(calls.map(({ attributes }) => attributes["input_tokens"])).toEqual([1200, 1200]);
    expect(
      calls.every(
        ({ traceId, spanId, parentSpanId }) =>
          traceId.length === 32 && spanId.length === 16 && parentSpanId?.length === 16,
      ),
    ).toBe(true);
    expect([received, refused.size]).toEqual([records.length, 0]);
  });

  it("reads the two model calls of a recorded Claude Code session from its logs", () => {
    const { records } = logs(recording("claude-code-logs.pb"), "protobuf");
    const calls = records.filter(({ attributes }) => attributes["event.name"] === "api_request");
    expect(calls.map(({ attributes }) => Number(attributes["output_tokens"]))).toEqual([345, 345]);
    expect(calls.every(({ timeMillis }) => timeMillis !== undefined && timeMillis > 1.7e12)).toBe(true);
  });

  it("takes the time 0 of Codex's log records for one that is not known", () => {
    const { records } = logs(recording("codex-logs.pb"), "protobuf");
    expect(records.length).toBeGreaterThan(0);
    expect(
      records.every(({ timeMillis, observedMillis }) => timeMillis === undefined && (observedMillis ?? 0) > 1.7e12),
    ).toBe(true);
  });

  it("reads spans in JSON as in protobuf", () => {
    const { records } = spans(recording("gemini-cli-traces.json"), "json");
    expect(records.length).toBeGreaterThan(0);
    expect(records.every(({ startMillis, endMillis }) => startMillis > 1.7e12 && endMillis >= startMillis)).toBe(true);
  });

  it("refuses spans whose ids are missing, too short or nothing but zeros", () => {
    const ids = (traceId: string, spanId: string) => ({ traceId, spanId });
    const good = ids("a".repeat(32), "b".repeat(16));
    const given = [good, ids("", "b".repeat(16)), ids("0".repeat(32), "b".repeat(16)), ids("a".repeat(32), "bb")];
    const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: given }] }] }));
    const { records, received, refused } = spans(body, "json");
    expect(records.map(({ spanId }) => spanId)).toEqual([good.spanId]);
    expect([received, Object.fromEntries(refused)]).toEqual([4, { "span without ids": 3 }]);
  });

  it("reads the name and the span of a log record in JSON", () => {
    const record = {
      eventName: "e",
      observedTimeUnixNano: "1700000000000000000",
      traceId: "a".repeat(32),
      spanId: "b".repeat(16),
    };
    const body = Buffer.from(
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ scope: { name: "lib" }, logRecords: [record] }] }] }),
    );
    expect(logs(body, "json").records).toEqual([
      {
        scopeName: "lib",
        eventName: "e",
        timeMillis: undefined,
        observedMillis: 1_700_000_000_000,
        traceId: record.traceId,
        spanId: record.spanId,
        attributes: {},
        resource: {},
      },
    ]);
  });
});
