import { renderExposition } from "@moai-metrics/report";
import { describe, expect, it } from "vitest";
import { receiverMetrics } from "../../src/http/own-metrics.ts";
import { createRequestMetrics } from "../../src/http/request-metrics.ts";
import { type IngestCounters, NOTHING_INGESTED } from "../../src/ingest/jobs.ts";

/** Every line of the text format 0.0.4 is one of these. */
const LABEL = '[a-z_]+="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const LINE = new RegExp(
  `^(?:# HELP [a-z_]+ .+|# TYPE [a-z_]+ (?:counter|gauge|histogram)|[a-z_]+(?:\\{${LABEL}(?:,${LABEL})*\\})? [0-9.e+-]+)$`,
);

function render(ingest: IngestCounters = NOTHING_INGESTED, requests = createRequestMetrics()): string {
  const numbers = { waitingRequests: 1, waitingBytes: 2, maxWaitingBytes: 3, residentBytes: 4, startedAtMillis: 5000 };
  return renderExposition(receiverMetrics({ ingest, requests, ...numbers }), "text").text;
}

describe("the receiver's own metrics", () => {
  it("are valid text, with every family though nothing has happened", () => {
    const text = render();
    expect(text.endsWith("\n")).toBe(true);
    for (const line of text.trimEnd().split("\n")) expect(line).toMatch(LINE);
    const types = text.match(/^# TYPE (\S+)/gm) ?? [];
    expect(new Set(types).size).toBe(types.length);
    expect(text).toContain("moai_receiver_queue_bytes 2\n");
    expect(text).toContain("process_start_time_seconds 5\n");
  });

  it("count by reason, whatever a reason holds", () => {
    const metrics = { received: 9, committed: 4, refused: { 'a "b"\\\n\r\0c': 5 }, passedOver: {} };
    const items = { ...NOTHING_INGESTED.items, metrics };
    const text = render({ ...NOTHING_INGESTED, items, attributes: { "content attribute": 3 } });
    expect(text).toContain('moai_receiver_items_received_total{signal="metrics"} 9\n');
    expect(text).toContain('moai_receiver_items_refused_total{reason="a \\"b\\"\\\\  \ufffdc",signal="metrics"} 5\n');
    expect(text).toContain('moai_receiver_attributes_dropped_total{reason="content attribute"} 3\n');
    for (const line of text.trimEnd().split("\n")) expect(line).toMatch(LINE);
  });

  it("tell how long requests took as a cumulative histogram", () => {
    const requests = createRequestMetrics();
    for (const seconds of [0.0005, 0.02, 0.02, 60]) requests.noteLatency(seconds);
    const text = render(NOTHING_INGESTED, requests);
    const bucket = (le: string) => Number(new RegExp(`_bucket\\{le="${le}"\\} (\\d+)`).exec(text)?.[1]);
    expect([bucket("0.001"), bucket("0.01"), bucket("0.025"), bucket("5\\.0"), bucket("\\+Inf")]).toEqual([
      1, 1, 3, 3, 4,
    ]);
    expect(text).toContain("moai_receiver_request_duration_seconds_count 4\n");
    expect(text).toContain("moai_receiver_request_duration_seconds_sum 60.0405\n");
  });
});
