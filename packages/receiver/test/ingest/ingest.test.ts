import { readFileSync } from "node:fs";
import { DEFAULT_CONFIG, databasePath, resolveConfig } from "@moai-metrics/settings";
import {
  createUsableStore,
  openStore,
  type PointBatch,
  type Store,
  StoreError,
  type UsableStore,
} from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { createIngest, type IngestOptions } from "../../src/ingest/ingest.ts";
import type { IngestRequest } from "../../src/ingest/jobs.ts";
import { gaugeRequest, temporaryFolder } from "../support/receiver.ts";

const NANOS = 1_790_000_000_000_000_000;
const MILLIS = NANOS / 1e6;

function create(options: Partial<IngestOptions> & { readonly wrap?: (file: UsableStore) => UsableStore } = {}) {
  const path = databasePath(temporaryFolder());
  const { wrap = (file) => file, ...more } = options;
  const file = createUsableStore({ path }, () => performance.now());
  onTestFinished(() => file.close());
  const ingest = createIngest({ file: wrap(file), configOf: () => DEFAULT_CONFIG, patienceMillis: 0, ...more });
  const read = <T>(question: (store: Store) => T): T => {
    const store = openStore({ path, readOnly: true });
    try {
      return question(store);
    } finally {
      store.close();
    }
  };
  const restart = () => createIngest({ file: wrap(file), configOf: () => DEFAULT_CONFIG, patienceMillis: 0, ...more });
  return { ingest, read, restart };
}

const recording = (name: string): Buffer => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url));

const gauge = (name: string, value: number | string): IngestRequest => ({
  signal: "metrics",
  encoding: "json",
  body: Buffer.from(gaugeRequest(name, [{ value, nanos: NANOS }])),
});

interface SpanOptions {
  readonly id: string;
  readonly parent?: string;
  readonly operation: string;
  readonly service?: string;
  readonly end?: number;
  readonly more?: Record<string, string | number>;
}

const spans = (...given: readonly SpanOptions[]): IngestRequest => ({
  signal: "traces",
  encoding: "json",
  body: Buffer.from(
    JSON.stringify({
      resourceSpans: given.map(({ id, parent = "", operation, service = "shop", end = MILLIS, more = {} }) => ({
        resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: "a".repeat(32),
                spanId: id.repeat(16),
                parentSpanId: parent.repeat(16),
                startTimeUnixNano: `${end - 1000}000000`,
                endTimeUnixNano: `${end}000000`,
                attributes: Object.entries({ "gen_ai.operation.name": operation, ...more }).map(([key, value]) => ({
                  key,
                  value: typeof value === "number" ? { intValue: value } : { stringValue: value },
                })),
              },
            ],
          },
        ],
      })),
    }),
  ),
});
const USAGE = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 2 };

describe("taking requests in", () => {
  it("writes what comes together in one transaction and answers each for itself", async () => {
    const { ingest, read } = create();
    const body = Buffer.from("{");
    const outcomes = await ingest.take([
      gauge("a", 1),
      { signal: "logs", encoding: "json", body },
      gauge("b", 2),
      spans({ id: "1", operation: "chat", more: USAGE }),
    ]);
    expect(outcomes).toEqual([
      { state: "committed", rejected: 0, message: "" },
      { state: "malformed", kind: "malformed", message: "The body is not JSON." },
      { state: "committed", rejected: 0, message: "" },
      { state: "committed", rejected: 0, message: "" },
    ]);
    expect(ingest.counters()).toMatchObject({
      commits: 1,
      items: { metrics: { received: 2, committed: 2 }, traces: { received: 1, committed: 1 } },
    });
    expect(read((store) => [store.points("a").length, store.points("b").length])).toEqual([1, 1]);
    expect(read((store) => store.query.getModelCalls({}).rows)).toHaveLength(1);
  });

  it("counts what it passes over and why", async () => {
    const { ingest } = create();
    const body = Buffer.from(
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}, { eventName: "gen_ai.choice" }] }] }] }),
    );
    await ingest.take([
      spans({ id: "1", operation: "GET /" }, { id: "2", operation: "chat", more: USAGE }),
      { signal: "logs", encoding: "json", body },
      { signal: "traces", encoding: "protobuf", body: recording("codex-traces.pb") },
    ]);
    const { traces, logs } = ingest.counters().items;
    expect(traces.passedOver).toMatchObject({
      "span without a fact of its own": 1,
      "codex: span that repeats the log": expect.any(Number),
    });
    expect([traces.committed, traces.received]).toEqual([
      1,
      2 + (traces.passedOver["codex: span that repeats the log"] ?? 0),
    ]);
    expect(logs).toMatchObject({
      received: 2,
      committed: 0,
      passedOver: { "log that is not about agents": 1, "event without figures: gen_ai.choice": 1 },
    });
  });

  it.each([
    ["Claude Code", ["claude-code-logs.pb", "claude-code-traces.pb"], [2400, 1600, 200, 690]],
    ["Codex", ["codex-logs.pb", "codex-traces.pb"], [800, 1600, 0, 690]],
  ])(
    "counts the calls of a recorded run of %s once, though it tells them twice and is sent again after a restart",
    async (_name, names, tokens) => {
      const { ingest, read, restart } = create();
      const requests = names.map(
        (name): IngestRequest => ({
          signal: name.includes("traces") ? "traces" : "logs",
          encoding: "protobuf",
          body: recording(name),
        }),
      );
      for (const each of [ingest, ingest, restart()]) {
        for (const request of requests) expect(await each.take([request])).toMatchObject([{ state: "committed" }]);
      }
      const [sum] = read((store) => store.ledger.usage({}));
      const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = sum!.tokens;
      expect([sum?.calls, input, cacheRead, cacheWrite5m + cacheWrite1h, output]).toEqual([2, ...tokens]);
    },
  );

  it("acknowledges nothing when what it has to remember cannot be read", async () => {
    let isBroken = true;
    const { ingest } = create({
      wrap: (file) => ({
        ...file,
        use: (work) => {
          if (isBroken) throw new StoreError("busy", "Another process writes.");
          return file.use(work);
        },
      }),
    });
    const request: IngestRequest = { signal: "logs", encoding: "protobuf", body: recording("codex-logs.pb") };
    expect(await ingest.take([request])).toEqual([{ state: "unavailable", message: "Another process writes." }]);
    isBroken = false;
    expect(await ingest.take([request])).toMatchObject([{ state: "committed" }]);
  });

  it("tells which points and facts the store refuses, each sender its own", async () => {
    const { ingest } = create();
    const outcomes = await ingest.take([
      gauge("a", "NaN"),
      gauge("b", 1),
      spans({ id: "1", operation: "chat", end: 9e12, more: USAGE }),
      spans({ id: "2", operation: "chat", more: USAGE }),
    ]);
    expect(outcomes).toEqual([
      { state: "committed", rejected: 1, message: "1 × not a number" },
      { state: "committed", rejected: 0, message: "" },
      { state: "committed", rejected: 0, message: "2 × fact: time out of range" },
      { state: "committed", rejected: 0, message: "" },
    ]);
    expect(ingest.counters()).toMatchObject({
      items: { metrics: { received: 2, committed: 1, refused: { "not a number": 1 } } },
      refusedFacts: { "time out of range": 2 },
    });
  });

  it("counts but does not complain about what the settings keep out", async () => {
    const config = resolveConfig({ tasks: { enabled: false } });
    const { ingest, read } = create({ configOf: () => config });
    const [outcome] = await ingest.take([spans({ id: "1", operation: "invoke_agent" })]);
    expect(outcome).toEqual({ state: "committed", rejected: 0, message: "" });
    expect(Object.keys(ingest.counters().refusedFacts)).toEqual(["switched off: tasks.enabled"]);
    expect(read((store) => store.ledger.tasks({}))).toEqual([]);
  });

  it("acknowledges nothing that cannot be written, and remembers what spans told of the ones below them", async () => {
    let error: Error | undefined;
    const { ingest, read } = create({
      wrap: (file) => ({
        ...file,
        use: (work) => {
          if (error !== undefined) throw error;
          return file.use(work);
        },
      }),
    });
    const child = spans({ id: "2", parent: "1", operation: "chat", more: USAGE });
    const parent = spans({ id: "1", operation: "invoke_agent", more: { "gen_ai.agent.name": "reviewer" } });
    expect(await ingest.take([child])).toMatchObject([{ state: "committed" }]);
    error = new StoreError("full", "The disk is full.");
    expect(await ingest.take([parent, gauge("a", 1)])).toEqual([
      { state: "unavailable", message: "The disk is full." },
      { state: "unavailable", message: "The disk is full." },
    ]);
    expect(ingest.counters().items.traces).toMatchObject({ received: 1, committed: 1 });
    error = undefined;
    expect(await ingest.take([parent, gauge("a", 1)])).toMatchObject([{ state: "committed" }, { state: "committed" }]);
    const [call] = read((store) => store.query.getModelCalls({}).rows);
    expect(call).toMatchObject({ agent: "reviewer" });
  });

  it("puts calls under their agent also where a request goes from the root down, and counts no sum", async () => {
    const { ingest, read } = create();
    const run = { id: "1", operation: "invoke_agent", more: { "gen_ai.agent.name": "reviewer" } };
    const outer = { id: "2", parent: "1", operation: "chat", more: USAGE };
    await ingest.take([spans(run, outer, { id: "3", parent: "2", operation: "chat", more: USAGE })]);
    const calls = read((store) => store.query.getModelCalls({}).rows);
    expect(calls).toMatchObject([{ agent: "reviewer", tokens: { input: 10, output: 2 } }]);
  });

  it("loses only the entry that cannot be written at all", async () => {
    const { ingest, read } = create({
      wrap: (file) => ({
        ...file,
        use: (work) =>
          file.use((store) =>
            work({
              ...store,
              writePoints: (batch: PointBatch) => {
                if (batch.series.some(({ identity }) => identity.metric === "poison")) throw new TypeError("poison");
                return store.writePoints(batch);
              },
            }),
          ),
      }),
    });
    const outcomes = await ingest.take([gauge("a", 1), gauge("poison", 1), gauge("b", 1)]);
    expect(outcomes).toEqual([
      { state: "committed", rejected: 0, message: "" },
      { state: "committed", rejected: 1, message: "1 × cannot be stored" },
      { state: "committed", rejected: 0, message: "" },
    ]);
    expect(read((store) => [store.points("a").length, store.points("b").length])).toEqual([1, 1]);
  });

  it("waits for a busy file as long as it is patient", async () => {
    let failures = 2;
    const { ingest } = create({
      patienceMillis: 10_000,
      wrap: (file) => ({
        ...file,
        use: (work) => {
          failures -= 1;
          if (failures >= 0) throw new StoreError("busy", "Another process writes.");
          return file.use(work);
        },
      }),
    });
    expect(await ingest.take([gauge("a", 1)])).toMatchObject([{ state: "committed" }]);
    expect(ingest.counters().busyAttempts).toBe(2);
  });
});
