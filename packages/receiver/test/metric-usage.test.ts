/**
 * Sessions of which a metric tells the tokens, alone or beside a better witness: whatever comes in whatever order, split,
 * sent again and across restarts, no path adds to another.
 */
import { type Fact, QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import { DEFAULT_CONFIG, databasePath } from "@moai-metrics/settings";
import { createUsableStore, openStore, type Store } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createIngest } from "../src/ingest/ingest.ts";
import type { IngestRequest } from "../src/ingest/jobs.ts";
import { temporaryFolder } from "./support/receiver.ts";

const NOON = Date.UTC(2026, 10, 22, 12);
const RUNS = Number(process.env["METRIC_USAGE"] ?? 60);
const PARTS = ["input", "output", "cacheRead", "cacheCreation"] as const;

type Part = (typeof PARTS)[number];

/** One collection of a process: what it counted since the one before. */
interface Collection {
  readonly startMillis: number;
  readonly beforeMillis: number;
  readonly atMillis: number;
  readonly model: string;
  readonly counts: Readonly<Record<Part, number>>;
}

interface Point {
  readonly startMillis: number;
  readonly atMillis: number;
  readonly model: string;
  readonly part: Part;
  readonly value: number;
}

const counts = fc.record({
  input: fc.nat(900),
  output: fc.nat(900),
  cacheRead: fc.nat(900),
  cacheCreation: fc.nat(900),
});

/** Processes of one session, one after the other or at the same time, each with collections some minutes apart. */
const collections = fc
  .array(
    fc.record({
      areBeside: fc.boolean(),
      steps: fc.array(
        fc.record({ minutes: fc.integer({ min: 1, max: 25 }), model: fc.constantFrom("a", "b"), counts }),
        { minLength: 1, maxLength: 5 },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((processes): Collection[] => {
    let clock = NOON;
    return processes.flatMap(({ areBeside, steps }, number) => {
      const startMillis = (areBeside ? NOON : clock) + number;
      let at = startMillis;
      const own = steps.map(({ minutes, model, counts: each }): Collection => {
        const beforeMillis = at;
        at += minutes * 60_000;
        return { startMillis, beforeMillis, atMillis: at, model, counts: each };
      });
      clock = Math.max(clock, at);
      return own;
    });
  });

function pointsOf(all: readonly Collection[], isDelta: boolean): Point[] {
  const sums = new Map<string, number>();
  return all.flatMap(({ startMillis, beforeMillis, atMillis, model, counts: each }) =>
    PARTS.map((part): Point => {
      const base = { atMillis, model, part };
      if (isDelta) return { ...base, startMillis: beforeMillis, value: each[part] };
      const key = `${startMillis} ${model} ${part}`;
      sums.set(key, (sums.get(key) ?? 0) + each[part]);
      return { ...base, startMillis, value: sums.get(key) ?? 0 };
    }),
  );
}

function metricsOf(session: string, points: readonly Point[], isDelta: boolean): IngestRequest {
  const dataPoints = points.map(({ startMillis, atMillis, model, part, value }) => ({
    attributes: [
      { key: "session.id", value: { stringValue: session } },
      { key: "model", value: { stringValue: model === "a" ? "a[1m]" : model } },
      { key: "type", value: { stringValue: part } },
    ],
    startTimeUnixNano: `${startMillis}000000`,
    timeUnixNano: `${atMillis}000000`,
    asDouble: value,
  }));
  const sum = { aggregationTemporality: isDelta ? 1 : 2, isMonotonic: true, dataPoints };
  const metrics = [{ name: "claude_code.token.usage", unit: "tokens", sum }];
  const body = Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  return { signal: "metrics", encoding: "json", body };
}

/** What a transcript tells of a call. */
function callOf(session: string, number: number, collection: Collection): Fact {
  const { input, output, cacheRead, cacheCreation } = collection.counts;
  return {
    kind: "model_call",
    witness: "transcript",
    product: "claude-code",
    sessionId: session,
    requestId: `${session}-${number}`,
    endedAtMillis: collection.atMillis - 1000,
    model: collection.model,
    usage: { input, output, cacheRead, cacheWrite5m: cacheCreation, cacheWrite1h: 0, reasoning: 0 },
  };
}

type Sums = readonly [input: number, output: number, cacheRead: number, cacheWrite: number];

function sumsOf(all: readonly Collection[]): Sums {
  const sum = (part: Part): number => all.reduce((total, each) => total + each.counts[part], 0);
  return [sum("input"), sum("output"), sum("cacheRead"), sum("cacheCreation")];
}

function ledgerOf(store: Store, session: string): Sums {
  const [row] = store.ledger.sessions({ sessionIds: [session] });
  const { input = 0, output = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = row?.tokens ?? {};
  return [input, output, cacheRead, cacheWrite5m + cacheWrite1h];
}

function shuffle<T>(all: readonly T[], order: readonly number[]): T[] {
  return all
    .map((each, at) => ({ each, rank: order[at % order.length] ?? 0 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ each }) => each);
}

function open() {
  const path = databasePath(temporaryFolder());
  const file = createUsableStore({ path }, () => performance.now());
  const reader = openStore({ path });
  onTestFinished(() => {
    file.close();
    reader.close();
  });
  return { file, reader, start: () => createIngest({ file, configOf: () => DEFAULT_CONFIG }) };
}

const deliveries = fc.record({
  isDelta: fc.boolean(),
  order: fc.array(fc.nat(1_000_000), { minLength: 61, maxLength: 61 }),
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 61, maxLength: 61 }),
  again: fc.array(fc.nat(1_000_000), { maxLength: 4 }),
  restarts: fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }),
  /** Calls that a transcript tells of; none: the metric is alone. */
  told: fc.oneof(fc.constant(0), fc.nat(15)),
});

describe("a session of which a metric tells the tokens", () => {
  it(
    "has the usage of the metric as long as nobody tells its calls, and then that of its calls alone",
    async () => {
      const { file, reader, start } = open();
      let number = 0;
      await fc.assert(
        fc.asyncProperty(collections, deliveries, async (all, delivery) => {
          const session = `s${number++}`;
          const points = shuffle(pointsOf(all, delivery.isDelta), delivery.order);
          const requests: IngestRequest[] = [];
          for (let at = 0; at < points.length; ) {
            const size = delivery.sizes[requests.length] ?? 1;
            requests.push(metricsOf(session, points.slice(at, at + size), delivery.isDelta));
            at += size;
          }
          for (const which of delivery.again) {
            const request = requests[which % requests.length];
            if (request !== undefined) requests.push(request);
          }
          const told = all.slice(0, delivery.told);
          const steps = shuffle<IngestRequest | Fact>(
            [...requests, ...told.map((each, at) => callOf(session, at, each))],
            delivery.order.toReversed(),
          );
          let ingest = start();
          for (const [at, step] of steps.entries()) {
            if (delivery.restarts[at] === true) ingest = start();
            if ("signal" in step) for (const { state } of await ingest.take([step])) expect(state).toBe("committed");
            else file.use((store) => store.write({ facts: [step] }));
          }

          expect(ledgerOf(reader, session)).toEqual(sumsOf(told.length > 0 ? told : all));
          const rows = reader.query.getModelCalls({ sessionIds: [session], limit: 1000 }).rows;
          if (told.length > 0) expect(rows).toHaveLength(told.length);
          else {
            // Where it was used, to the quarter hour.
            const byTime = Map.groupBy(
              all.filter((each) => sumsOf([each]).some((count) => count > 0)),
              ({ atMillis, model }) => `${Math.floor(atMillis / QUARTER_HOUR_MILLIS)} ${model}`,
            );
            const found = rows.map(({ endedAtMillis, model, tokens }) => [
              `${Math.floor(endedAtMillis / QUARTER_HOUR_MILLIS)} ${model}`,
              [tokens?.input, tokens?.output, tokens?.cacheRead, tokens?.cacheWrite5m],
            ]);
            expect(new Map(found as [string, number[]][])).toEqual(
              new Map([...byTime].map(([key, each]) => [key, [...sumsOf(each)]])),
            );
          }
        }),
        { numRuns: RUNS },
      );
      expect(reader.check()).toMatchObject({ isSound: true });
    },
    30_000 + RUNS * 200,
  );

  it("has no usage where its owner wants none stored", async () => {
    const { file, reader } = open();
    const configOf = () => ({ ...DEFAULT_CONFIG, tokens: { ...DEFAULT_CONFIG.tokens, tracksUsage: false } });
    const ingest = createIngest({ file, configOf });
    const point: Point = { startMillis: NOON, atMillis: NOON + 60_000, model: "b", part: "input", value: 7 };
    await ingest.take([metricsOf("s", [point], true)]);
    expect(reader.ledger.sessions({})).toEqual([]);
    expect(reader.points("claude_code.token.usage")).toHaveLength(1);
  });

  it("begins at the first point of a counter that does not know its start", async () => {
    const { reader, start } = open();
    const point = (minutes: number, value: number): Point => {
      return { startMillis: 0, atMillis: NOON + minutes * 60_000, model: "b", part: "input", value };
    };
    const ingest = start();
    await ingest.take([metricsOf("s", [point(3, 150)], false), metricsOf("s", [point(1, 100)], false)]);
    expect(ledgerOf(reader, "s")).toEqual([50, 0, 0, 0]);
  });

  it("is the same when two stores are merged, of which one knows its calls", async () => {
    const [calls, metrics] = [open(), open()];
    const collection = { startMillis: NOON, beforeMillis: NOON, atMillis: NOON + 60_000, model: "b" };
    const all: Collection[] = [{ ...collection, counts: { input: 10, output: 20, cacheRead: 30, cacheCreation: 40 } }];
    calls.file.use((store) =>
      store.write({
        facts: [callOf("s", 1, { ...collection, counts: { input: 1, output: 2, cacheRead: 3, cacheCreation: 4 } })],
      }),
    );
    await metrics.start().take([metricsOf("s", pointsOf(all, true), true)]);
    expect(ledgerOf(metrics.reader, "s")).toEqual([10, 20, 30, 40]);
    const [a, b] = [calls.reader, metrics.reader];
    const copy = open().reader;
    await copy.merge({ other: b.path });
    expect(ledgerOf(copy, "s")).toEqual([10, 20, 30, 40]);
    await copy.merge({ other: a.path });
    await a.merge({ other: b.path });
    for (const store of [copy, a]) {
      expect(ledgerOf(store, "s")).toEqual([1, 2, 3, 4]);
      expect(store.check()).toMatchObject({ isSound: true });
    }
  });
});
