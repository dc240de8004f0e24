/** Spans with usage that lie in each other: the innermost is the call, in whatever order and parts they come. */
import { DEFAULT_CONFIG, databasePath } from "@moai-metrics/settings";
import { createUsableStore, openStore } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createIngest } from "../src/ingest/ingest.ts";
import type { IngestRequest } from "../src/ingest/jobs.ts";
import { temporaryFolder } from "./support/receiver.ts";

const NOON = Date.UTC(2026, 10, 22, 12);
const RUNS = Number(process.env["NESTED_SPANS"] ?? 60);

interface Node {
  readonly number: number;
  readonly parent: number | undefined;
  readonly operation: string | undefined;
  /** Undefined: it tells none. */
  readonly tokens: number | undefined;
  readonly responseId: string | undefined;
}

/** Trees of spans; the parent of each is one of those before it. */
const trees = fc
  .array(
    fc.record({
      parent: fc.nat(1_000),
      isRoot: fc.boolean(),
      operation: fc.constantFrom("chat", "chat", "chat", "invoke_agent", "execute_tool", undefined),
      tokens: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined, freq: 3 }),
      response: fc.constantFrom("none", "own", "of one inside"),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((given): Node[] => {
    const parents = given.map(({ parent, isRoot }, at) =>
      at === 0 || (isRoot && at % 3 === 0) ? undefined : parent % at,
    );
    const isInside = (inner: number, outer: number): boolean => {
      for (let at = parents[inner]; at !== undefined; at = parents[at]) if (at === outer) return true;
      return false;
    };
    const hasUsage = given.map(({ operation, tokens }) => operation === "chat" && tokens !== undefined);
    const isInnermost = (at: number): boolean => !given.some((_, other) => hasUsage[other] && isInside(other, at));
    const shared = new Set<number>();
    return given.map(({ operation, tokens, response }, number): Node => {
      let responseId = response === "none" ? undefined : `response-${number}`;
      // Wrappers hand on the id of a response inside; the one inside has it in any case.
      if (hasUsage[number] && isInnermost(number)) responseId = `response-${number}`;
      else if (hasUsage[number] && response === "of one inside") {
        const inner = given.findIndex((_, at) => hasUsage[at] && isInnermost(at) && isInside(at, number));
        responseId = shared.has(inner) ? undefined : `response-${inner}`;
        shared.add(inner);
      }
      return {
        number,
        parent: parents[number],
        operation,
        tokens: operation === "chat" ? tokens : undefined,
        responseId,
      };
    });
  });

const deliveries = fc.record({
  order: fc.array(fc.nat(1_000_000), { minLength: 9, maxLength: 9 }),
  sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }),
  again: fc.array(fc.nat(1_000_000), { maxLength: 4 }),
  restarts: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
});

function requestOf(trace: string, nodes: readonly Node[]): IngestRequest {
  const id = (number: number): string => (number + 1).toString(16).padStart(16, "0");
  const spans = nodes.map(({ number, parent, operation, tokens, responseId }) => ({
    traceId: trace,
    spanId: id(number),
    parentSpanId: parent === undefined ? "" : id(parent),
    startTimeUnixNano: `${NOON}000000`,
    endTimeUnixNano: `${NOON + 1000}000000`,
    attributes: Object.entries({
      "gen_ai.operation.name": operation,
      "gen_ai.response.id": responseId && `${trace}-${responseId}`,
      "gen_ai.usage.input_tokens": tokens,
      "session.id": trace,
    }).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [{ key, value: typeof value === "number" ? { intValue: value } : { stringValue: value } }];
    }),
  }));
  const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  return { signal: "traces", encoding: "json", body };
}

describe("spans with usage that lie in each other", () => {
  it(
    "count once, as the innermost, in any order and parts, sent again, and across restarts",
    async () => {
      const path = databasePath(temporaryFolder());
      const file = createUsableStore({ path }, () => performance.now());
      const reader = openStore({ path });
      onTestFinished(() => {
        file.close();
        reader.close();
      });
      const start = () => createIngest({ file, configOf: () => DEFAULT_CONFIG });
      let trace = 0;
      await fc.assert(
        fc.asyncProperty(trees, deliveries, async (nodes, { order, sizes, again, restarts }) => {
          const name = (++trace).toString(16).padStart(32, "0");
          const shuffled = nodes
            .map((node, at) => ({ node, rank: order[at] ?? 0 }))
            .toSorted((a, b) => a.rank - b.rank)
            .map(({ node }) => node);
          const requests: IngestRequest[] = [];
          for (let at = 0; at < shuffled.length; ) {
            const size = sizes[requests.length] ?? 1;
            requests.push(requestOf(name, shuffled.slice(at, at + size)));
            at += size;
          }
          for (const which of again) {
            const request = requests[which % requests.length];
            if (request !== undefined) requests.push(request);
          }
          let ingest = start();
          for (const [at, request] of requests.entries()) {
            if (restarts[at] === true) ingest = start();
            for (const { state } of await ingest.take([request])) expect(state).toBe("committed");
          }

          const parentOf = new Map(nodes.map(({ number, parent }) => [number, parent]));
          const withUsageInside = new Set<number>();
          for (const { parent, tokens } of nodes) {
            if (tokens === undefined) continue;
            for (let at = parent; at !== undefined; at = parentOf.get(at)) withUsageInside.add(at);
          }
          const counted = nodes.filter(({ number, operation }) => operation === "chat" && !withUsageInside.has(number));
          const { rows } = reader.query.getModelCalls({ sessionIds: [name], limit: 100 });
          expect(rows.map(({ tokens }) => tokens?.input ?? null).toSorted()).toEqual(
            counted.map(({ tokens }) => tokens ?? null).toSorted(),
          );
        }),
        { numRuns: RUNS },
      );
      expect(reader.check()).toMatchObject({ isSound: true });
    },
    30_000 + RUNS * 200,
  );
});
