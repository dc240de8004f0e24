import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSpoolFile, listSpoolFiles, openStore } from "@moai-metrics/store";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteMetricExporter, SqliteSpanExporter } from "../src/index.ts";
import { createRareWarning } from "../src/warn.ts";
import { encodeForThread } from "../src/writer/fact-codec.ts";
import { createJobWriter } from "../src/writer/job-writer.ts";
import { createPointEncoder } from "../src/writer/point-codec.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "exporters-"));
const newBlockedFolder = () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "in the way");
  return join(file, "store");
};
const open = (storage: string) => openStore({ path: join(storage, "metrics.db") });

let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  const collect = (message: string) => void warnings.push(message);
  diag.setLogger(
    { warn: collect, error: collect, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(() => diag.disable());

function createPipeline(storage: string, temporalityPreference?: "delta" | "cumulative") {
  const exporter = new SqliteMetricExporter({
    storage,
    temporalityPreference,
    buffer: { flushIntervalMillis: 0 },
  });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return { exporter, provider, counter: provider.getMeter("m").createCounter("c") };
}

describe("metric exporter", () => {
  it("writes deltas by default: points add up to what was recorded", async () => {
    const storage = newFolder();
    const { exporter, provider, counter } = createPipeline(storage);
    counter.add(5);
    await provider.forceFlush();
    counter.add(2);
    await provider.shutdown();
    const [series] = open(storage).points("c");
    expect(series?.identity.temporality).toBe("delta");
    expect(series?.points.map((point) => point.value)).toEqual([
      { kind: "number", value: 5 },
      { kind: "number", value: 2 },
    ]);
    expect(exporter.counters()).toEqual({
      exportedPoints: 2,
      spooledPoints: 0,
      waitingPoints: 0,
      droppedPoints: {},
      refusedPoints: {},
      failedExports: 0,
    });
    expect(exporter.selectAggregationTemporality(InstrumentType.UP_DOWN_COUNTER)).toBe(
      AggregationTemporality.CUMULATIVE,
    );
  });

  it("writes cumulative totals as they are, with a new start after a restart", async () => {
    const storage = newFolder();
    for (const amounts of [[5, 2], [3]]) {
      const { provider, counter } = createPipeline(storage, "cumulative");
      for (const amount of amounts) {
        counter.add(amount);
        await provider.forceFlush();
      }
      await provider.shutdown();
    }
    const points = open(storage)
      .points("c")
      .flatMap((series) => series.points);
    const byStart = Map.groupBy(points, (point) => point.startTimeUnixNano);
    expect(byStart.size).toBe(2);
    expect([...byStart.values()].map((run) => run.at(-1)?.value)).toEqual([
      { kind: "number", value: 7 },
      { kind: "number", value: 3 },
    ]);
  });

  it("fails without a throw where nothing can be written, keeps the points, counts them, and warns once", async () => {
    const { exporter, provider, counter } = createPipeline(newBlockedFolder());
    const results: ExportResult[] = [];
    const original = exporter.export.bind(exporter);
    exporter.export = (metrics, done) =>
      original(metrics, (result) => {
        results.push(result);
        done(result);
      });
    for (let i = 0; i < 3; i++) {
      counter.add(1);
      await provider.forceFlush();
    }
    expect(results.map((result) => result.code)).toEqual([1, 1, 1].map(() => ExportResultCode.FAILED));
    expect(results[0]?.error?.message).toContain("store");
    expect(exporter.counters()).toMatchObject({ exportedPoints: 0, waitingPoints: 3, droppedPoints: {} });
    expect(exporter.counters().failedExports).toBeGreaterThanOrEqual(3);
    expect(warnings.filter((warning) => warning.includes("metrics were not stored"))).toHaveLength(1);
    await provider.shutdown();
    const { droppedPoints, waitingPoints } = exporter.counters();
    expect(waitingPoints).toBe(0);
    expect(Object.entries(droppedPoints)).toEqual([[expect.stringContaining("The spool failed, too"), 3]]);
  });

  it("leaves points to the spool where the file cannot be written, and says success: they are on disk", async () => {
    const storage = newFolder();
    writeFileSync(join(storage, "metrics.db"), "some other file that has this name".repeat(100));
    const { exporter, provider, counter } = createPipeline(storage);
    counter.add(7);
    await provider.forceFlush();
    expect(exporter.counters()).toMatchObject({
      exportedPoints: 0,
      spooledPoints: 1,
      waitingPoints: 0,
      failedExports: 0,
    });
    expect(warnings.filter((warning) => warning.includes("1 data points wait in the spool"))).toHaveLength(1);
    const [file = ""] = listSpoolFiles(join(storage, "spool"));
    const spooled = decodeSpoolFile(readFileSync(file, "utf8"))?.points.series ?? [];
    expect(spooled.flatMap(({ points }) => points.map(({ value }) => value))).toEqual([{ kind: "number", value: 7 }]);
    await provider.shutdown();
  });

  it("refuses to export after shutdown, with a result and not with a throw", async () => {
    const exporter = new SqliteMetricExporter({ storage: newFolder() });
    await exporter.shutdown();
    const result = await new Promise<ExportResult>((resolve) =>
      exporter.export({ resource: {} as never, scopeMetrics: [] }, resolve),
    );
    expect(result.code).toBe(ExportResultCode.FAILED);
  });

  it("counts what the store refuses", async () => {
    const storage = newFolder();
    const { exporter, provider, counter } = createPipeline(storage);
    counter.add(Number.NaN);
    await provider.forceFlush();
    expect(exporter.counters()).toMatchObject({
      exportedPoints: 0,
      failedExports: 0,
      refusedPoints: { "not a number": 1 },
    });
    await provider.shutdown();
  });

  it("says early which option makes no sense", () => {
    expect(() => new SqliteMetricExporter({ storage: "" })).toThrow(/storage is ""/);
    expect(() => new SqliteSpanExporter(undefined as never)).toThrow(/storage is undefined/);
    expect(() => new SqliteMetricExporter({ storage: "/tmp/x", temporalityPreference: "both" as "delta" })).toThrow(
      /temporalityPreference is "both"/,
    );
  });
});

describe("span exporter", () => {
  function createTracer(storage: string) {
    const exporter = new SqliteSpanExporter({ storage });
    const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    return { exporter, provider, tracer: provider.getTracer("someone-else") };
  }

  it("makes facts of another library's spans", async () => {
    const storage = newFolder();
    const { exporter, provider, tracer } = createTracer(storage);
    tracer
      .startSpan("chat m", {
        attributes: {
          "gen_ai.operation.name": "chat",
          "gen_ai.request.model": "m",
          "gen_ai.conversation.id": "c1",
          "gen_ai.usage.input_tokens": 30,
          "gen_ai.usage.output_tokens": 4,
        },
      })
      .end();
    tracer.startSpan("GET /").end();
    await provider.forceFlush();
    await provider.shutdown();
    expect(open(storage).ledger.sessions({})).toMatchObject([
      { sessionId: "c1", calls: 1, tokens: { input: 30, output: 4 } },
    ]);
    expect(exporter.counters()).toMatchObject({ spans: 2, failedExports: 0, forgottenSpans: 0 });
  });

  it("fails without a throw where not even the spool can be written", async () => {
    const { exporter, provider, tracer } = createTracer(newBlockedFolder());
    tracer.startSpan("chat", { attributes: { "gen_ai.operation.name": "chat" } }).end();
    await expect(provider.forceFlush()).rejects.toBeDefined();
    expect(exporter.counters()).toMatchObject({ facts: 0, failedExports: 1 });
    expect(warnings.some((warning) => warning.includes("spans were not stored"))).toBe(true);
    await provider.shutdown().catch(() => {});
    const result = await new Promise<ExportResult>((resolve) => exporter.export([], resolve));
    expect(result.code).toBe(ExportResultCode.FAILED);
  });
});

describe("job writer", () => {
  const fact = { kind: "task", witness: "process", product: "p", sessionId: "s", taskId: "t" } as const;
  const point = {
    identity: {
      metric: "c",
      kind: "sum",
      unit: "",
      description: "",
      temporality: "delta",
      isMonotonic: true,
      valueType: "int",
      attributes: {},
      resource: {},
      scope: { name: "", version: "" },
    },
    points: [{ startTimeUnixNano: 1n, timeUnixNano: 2n, value: { kind: "number", value: 1 } }],
  } as const;

  async function lockedStorage() {
    const storage = newFolder();
    const path = join(storage, "metrics.db");
    open(storage).close();
    const { default: Database } = await import("better-sqlite3");
    const lock = new Database(path);
    lock.exec("BEGIN IMMEDIATE");
    return { storage, path, spool: join(storage, "spool"), release: () => lock.exec("ROLLBACK") };
  }

  it("commits, and says what the store refused", async () => {
    const storage = newFolder();
    const writer = createJobWriter({ path: join(storage, "metrics.db"), spool: join(storage, "spool") });
    expect(
      await writer.carryOut({ kind: "facts", id: 1, facts: encodeForThread([fact]), mayWait: false }),
    ).toMatchObject({ id: 1, state: "committed" });
    expect(
      await writer.carryOut({ kind: "points", id: 2, points: createPointEncoder()({ series: [point] }) }),
    ).toMatchObject({
      state: "committed",
    });
    for (const name of readdirSync(storage)) expect(statSync(join(storage, name)).mode & 0o077, name).toBe(0);
    await writer.close();
  });

  it("puts facts into the spool while the file is busy", async () => {
    const { path, spool, release } = await lockedStorage();
    const writer = createJobWriter({ path, spool });
    expect(
      await writer.carryOut({ kind: "facts", id: 1, facts: encodeForThread([fact]), mayWait: false }),
    ).toMatchObject({
      state: "spooled",
      reason: expect.stringContaining("in use by another process"),
    });
    expect(listSpoolFiles(spool)).toHaveLength(1);
    release();
    await writer.close();
  });

  it("waits with points until the file is free, and leaves them to the spool in time", async () => {
    const { path, spool, release } = await lockedStorage();
    const impatient = createJobWriter({ path, spool, pointPatienceMillis: 0 });
    const points = createPointEncoder()({ series: [point] });
    expect(await impatient.carryOut({ kind: "points", id: 1, points })).toMatchObject({ state: "spooled" });
    const [file = ""] = listSpoolFiles(spool);
    expect(decodeSpoolFile(readFileSync(file, "utf8"))?.points).toEqual({ series: [point] });
    expect(impatient.counters()).toMatchObject({ commits: 0, busyAttempts: 1 });
    const patient = createJobWriter({ path, spool, pointPatienceMillis: 10_000 });
    const waiting = patient.carryOut({ kind: "points", id: 2, points });
    setTimeout(release, 100);
    expect(await waiting).toMatchObject({ state: "committed" });
    expect(patient.counters()).toMatchObject({ commits: 1, busyAttempts: expect.any(Number) });
    expect(patient.counters().busyAttempts).toBeGreaterThan(0);
    await impatient.close();
    await patient.close();
  });

  it("does not let facts wait for points that wait for the file", async () => {
    const { path, spool, release } = await lockedStorage();
    const writer = createJobWriter({ path, spool, factPatienceMillis: 0, pointPatienceMillis: 60_000 });
    const points = writer.carryOut({ kind: "points", id: 1, points: createPointEncoder()({ series: [point] }) });
    expect(
      await writer.carryOut({ kind: "facts", id: 2, facts: encodeForThread([fact]), mayWait: false }),
    ).toMatchObject({ id: 2, state: "spooled" });
    release();
    expect(await points).toMatchObject({ id: 1, state: "committed" });
    await writer.close();
  });
});

describe("rare warning", () => {
  it("speaks once a minute and says how often it was silent", () => {
    let now = 0;
    const warn = createRareWarning(() => now);
    warn("first");
    warn("second");
    warn("third");
    now = 60_000;
    warn("fourth");
    expect(warnings).toEqual(["first", "fourth (and 2 more like this)"]);
  });
});
