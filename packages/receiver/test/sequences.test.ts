/**
 * Batches that are duplicated, reordered, split and sent again, against an oracle that saw each point once.
 * `SEQUENCES=10000` runs as many as the promise is made for.
 */
import { create as createMessage, toBinary } from "@bufbuild/protobuf";
import { DEFAULT_CONFIG, databasePath } from "@moai-metrics/settings";
import { createUsableStore, openStore } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createIngest } from "../src/ingest/ingest.ts";
import type { IngestRequest } from "../src/ingest/jobs.ts";
import { ExportMetricsServiceRequestSchema } from "../src/otlp/generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { temporaryFolder } from "./support/receiver.ts";

const RUNS = Number(process.env["SEQUENCES"] ?? 100);
const EPOCH_NANO = 1_790_000_000_000_000_000n;
const SECOND_NANO = 1_000_000_000n;
const DAY_NANO = 86_400n * SECOND_NANO;

interface Point {
  readonly agent: string;
  readonly startNano: bigint;
  readonly nano: bigint;
  readonly value: number;
}

interface Sequence {
  readonly isDelta: boolean;
  readonly points: readonly Point[];
  /** What all points of all series come to. */
  readonly total: number;
}

/** Processes one after the other or beside each other, each with some collections of what it counted. */
const sequences = fc
  .record({
    isDelta: fc.boolean(),
    runsOfAgents: fc.array(
      fc.record({
        /** The first process may not know when it started. */
        hasUnknownStart: fc.boolean(),
        /** Processes run at the same time under the same identity, as resumed sessions do. */
        areBeside: fc.boolean(),
        runs: fc.array(fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ isDelta, runsOfAgents }): Sequence => {
    let total = 0;
    const points = runsOfAgents.flatMap(({ hasUnknownStart, areBeside, runs }, agent) => {
      let clock = EPOCH_NANO;
      return runs.flatMap((increments, run) => {
        // Two of one nanosecond would be the same point.
        clock = areBeside ? EPOCH_NANO + BigInt(run) : clock + SECOND_NANO;
        const isUnknown = !isDelta && hasUnknownStart && run === 0;
        const startNano = isUnknown ? 0n : clock;
        let sum = 0;
        return increments.map((increment, at): Point => {
          const from = clock;
          clock += SECOND_NANO;
          sum += increment;
          // Without a start, the first point is where counting begins.
          if (!isUnknown || at > 0) total += increment;
          const own = { agent: `agent-${agent}`, nano: clock };
          return isDelta ? { ...own, startNano: from, value: increment } : { ...own, startNano, value: sum };
        });
      });
    });
    return { isDelta, points, total };
  });

/** Which points go together, in which order, and which of them again. */
const deliveries = fc.record({
  order: fc.array(fc.nat(1_000_000), { minLength: 72, maxLength: 72 }),
  sizes: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 72, maxLength: 72 }),
  again: fc.array(fc.nat(1_000_000), { maxLength: 6 }),
  groups: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 80, maxLength: 80 }),
  encodings: fc.array(fc.constantFrom("json" as const, "protobuf" as const), { minLength: 80, maxLength: 80 }),
});

function requestOf(
  metric: string,
  isDelta: boolean,
  points: readonly Point[],
  encoding: "json" | "protobuf",
): IngestRequest {
  const aggregationTemporality = isDelta ? (1 as const) : (2 as const);
  const attributes = (agent: string) => [{ key: "gen_ai.agent.name", value: { stringValue: agent } }];
  if (encoding === "json") {
    const dataPoints = points.map(({ agent, startNano, nano, value }, at) => ({
      attributes: attributes(agent),
      startTimeUnixNano: String(startNano),
      timeUnixNano: at % 2 === 0 ? String(nano) : `${nano}`,
      asInt: at % 2 === 0 ? String(value) : value,
    }));
    const sum = { aggregationTemporality, isMonotonic: true, dataPoints };
    const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: metric, sum }] }] }] });
    return { signal: "metrics", encoding, body: Buffer.from(body) };
  }
  const dataPoints = points.map(({ agent, startNano, nano, value }) => ({
    attributes: [{ key: "gen_ai.agent.name", value: { value: { case: "stringValue" as const, value: agent } } }],
    startTimeUnixNano: startNano,
    timeUnixNano: nano,
    value: { case: "asInt" as const, value: BigInt(value) },
  }));
  const data = { case: "sum" as const, value: { aggregationTemporality, isMonotonic: true, dataPoints } };
  const message = createMessage(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: metric, data }] }] }],
  });
  return { signal: "metrics", encoding, body: toBinary(ExportMetricsServiceRequestSchema, message) };
}

describe("points that are sent in any order, in any parts, and again", () => {
  it(
    "are stored once each, and come to what was counted",
    async () => {
      const path = databasePath(temporaryFolder());
      const file = createUsableStore({ path }, () => performance.now());
      const reader = openStore({ path });
      onTestFinished(() => {
        file.close();
        reader.close();
      });
      const ingest = createIngest({ file, configOf: () => DEFAULT_CONFIG });
      let number = 0;
      await fc.assert(
        fc.asyncProperty(sequences, deliveries, async ({ isDelta, points, total }, delivery) => {
          const metric = `m${number++}`;
          const shuffled = points
            .map((point, at) => ({ point, rank: delivery.order[at] ?? 0 }))
            .toSorted((a, b) => a.rank - b.rank)
            .map(({ point }) => point);
          const requests: IngestRequest[] = [];
          for (let at = 0; at < shuffled.length; ) {
            const size = delivery.sizes[requests.length] ?? 1;
            const encoding = delivery.encodings[requests.length] ?? "json";
            requests.push(requestOf(metric, isDelta, shuffled.slice(at, at + size), encoding));
            at += size;
          }
          for (const which of delivery.again) {
            const request = requests[which % requests.length];
            if (request !== undefined) requests.splice(which % (requests.length + 1), 0, request);
          }
          for (let at = 0, group = 0; at < requests.length; group++) {
            const size = delivery.groups[group] ?? 1;
            for (const { state } of await ingest.take(requests.slice(at, at + size))) expect(state).toBe("committed");
            at += size;
          }

          const stored = reader.points(metric).flatMap(({ identity, points: found }) =>
            found.map(({ startTimeUnixNano, timeUnixNano, value }) => ({
              agent: String(identity.attributes["gen_ai.agent.name"]),
              startNano: startTimeUnixNano,
              nano: timeUnixNano,
              value: value.kind === "number" ? Number(value.value) : Number.NaN,
            })),
          );
          const inOrder = (some: readonly Point[]): Point[] =>
            some.toSorted((a, b) => (a.agent === b.agent ? Number(a.nano - b.nano) : a.agent < b.agent ? -1 : 1));
          expect(inOrder(stored)).toEqual(inOrder(points));

          // One step that holds everything: what each series came to.
          const range = { metric, fromNano: EPOCH_NANO, toNano: EPOCH_NANO + DAY_NANO };
          const { series } = reader.pointSteps({ ...range, stepNano: 1000n * DAY_NANO });
          let sum = 0;
          for (const { summary } of series.flatMap(({ buckets }) => buckets)) {
            if (summary.kind !== "number") throw new Error("not a number");
            if (isDelta) sum += Number(summary.sum);
            else {
              // The increase is counted from the first point on, which is itself an increase since its start.
              const { first, increase } = summary;
              const isBaseline = first.startTimeUnixNano === 0n;
              const begin = first.value.kind === "number" && !isBaseline ? Number(first.value.value) : 0;
              sum += begin + Number(increase);
            }
          }
          expect(sum).toBe(total);
        }),
        { numRuns: RUNS },
      );
    },
    30_000 + RUNS * 200,
  );
});
