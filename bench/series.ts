/** Series: how fast points are written, how small they become, how fast they are read. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { openStore, type PointBatch, type SeriesIdentity, type Store } from "@moai-metrics/store";
import Database from "better-sqlite3";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { cpuMillisOfProcess } from "./lib/processor-time.ts";
import { createRandom, type Random } from "./lib/random.ts";

const WRITTEN_POINTS = 5_000_000;
const POINTS_A_COMMIT = 2000;
const MIN_POINTS_A_SECOND = 300_000;
const MAX_BYTES_A_SAMPLE = 0.8;
const MAX_SHARE_LEFT = 0.5;

const DAY_SERIES = 200;
const DAY_SAMPLES = 5760;
const HISTORY_SERIES = 20;
const HISTORY_DAYS = 23;
const HISTORY_SAMPLES = 1440;
const READS = 20;

const DAY_MILLIS = 86_400_000;
const FIRST_DAY = Date.UTC(2026, 9, 1) / DAY_MILLIS;
const FIRST_NANO = BigInt(FIRST_DAY * DAY_MILLIS) * 1_000_000n;
const NANOS_PER_MILLI = 1_000_000n;

const scale = scaleOfProcess();

function counters(count: number): SeriesIdentity[] {
  return Array.from({ length: count }, (_, i) => ({
    metric: "bench.tokens",
    kind: "sum",
    unit: "{token}",
    description: "",
    temporality: "cumulative",
    isMonotonic: true,
    valueType: "int",
    attributes: { agent: `agent-${i % 20}`, model: `model-${Math.floor(i / 20)}` },
    resource: { "service.name": "bench" },
    scope: { name: "bench", version: "1" },
  }));
}

/** A new file in a folder of its own, which is removed when `work` is done. */
async function withStore(work: (store: Store, path: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-series-"));
  const path = join(folder, "metrics.db");
  const store = openStore({ path });
  try {
    await work(store, path);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** Bytes of the pages of the tables whose name passes. */
function bytesOf(path: string, isCounted: (table: string) => boolean): number {
  const database = new Database(path, { readonly: true });
  const tables = database
    .prepare<[], { name: string; bytes: number }>("SELECT name, pgsize AS bytes FROM dbstat WHERE aggregate = 1")
    .all();
  database.close();
  return tables.reduce((sum, { name, bytes }) => (isCounted(name) ? sum + bytes : sum), 0);
}

function isCompressed(table: string): boolean {
  return table.startsWith("series_") && table !== "series_by_metric";
}

/** One round of a collection: every series at about the same time. */
function collect(
  identities: readonly SeriesIdentity[],
  totals: number[],
  random: Random,
  timeOf: () => bigint,
): PointBatch["series"] {
  return identities.map((identity, i) => {
    if (random.next() < 0.3) totals[i] = (totals[i] ?? 0) + 1 + random.below(9000);
    const value = { kind: "number", value: totals[i] ?? 0 } as const;
    return { identity, points: [{ startTimeUnixNano: FIRST_NANO, timeUnixNano: timeOf(), value }] };
  });
}

/** Rows a second of a table of the same shape, written with one INSERT a row: what SQLite takes by itself. */
function bareRate(commits: number): number {
  const folder = mkdtempSync(join(tmpdir(), "bench-bare-"));
  const database = new Database(join(folder, "bare.db"));
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("wal_autocheckpoint = 4000");
  database.exec(
    `CREATE TABLE bare (time_nano INTEGER, series_id INTEGER, start_nano INTEGER, value, distribution,
     PRIMARY KEY (time_nano, series_id, start_nano)) WITHOUT ROWID`,
  );
  const insert = database.prepare("INSERT INTO bare VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING");
  const write = database.transaction((commit: number) => {
    const time = FIRST_NANO + BigInt(commit) * 15_000_000_000n;
    for (let i = 0; i < POINTS_A_COMMIT; i++) insert.run(time, i, FIRST_NANO, BigInt(commit * 37 + i));
  });
  const beganAt = performance.now();
  for (let commit = 0; commit < commits; commit++) write.immediate(commit);
  const seconds = (performance.now() - beganAt) / 1000;
  database.close();
  rmSync(folder, { recursive: true });
  return (commits * POINTS_A_COMMIT) / seconds;
}

async function measureWriting(): Promise<void> {
  await withStore((store) => {
    const identities = counters(POINTS_A_COMMIT);
    const commits = Math.round((WRITTEN_POINTS * scale) / POINTS_A_COMMIT);
    const rates: number[] = [];
    let millis = 0;
    let sinceMillis = 0;
    let cpuMillis = 0;
    const part = Math.max(1, Math.floor(commits / 5));
    for (let commit = 0; commit < commits; commit++) {
      const time = FIRST_NANO + BigInt(commit) * 15_000_000_000n;
      const series = identities.map((identity, i) => ({
        identity,
        points: [
          {
            startTimeUnixNano: FIRST_NANO,
            timeUnixNano: time,
            value: { kind: "number", value: commit * 37 + i } as const,
          },
        ],
      }));
      const cpuBefore = cpuMillisOfProcess();
      const beganAt = performance.now();
      store.writePoints({ series });
      const took = performance.now() - beganAt;
      cpuMillis += cpuMillisOfProcess() - cpuBefore;
      millis += took;
      sinceMillis += took;
      if ((commit + 1) % part === 0) {
        rates.push((part * POINTS_A_COMMIT) / (sinceMillis / 1000));
        sinceMillis = 0;
      }
    }
    const goal = { bound: "at least", value: MIN_POINTS_A_SECOND } as const;
    const rate = (commits * POINTS_A_COMMIT) / (millis / 1000);
    report({
      name: "points written, commits of 2,000 with synchronous=FULL",
      unit: "points/s",
      values: [rate],
      goal,
      ratio: { value: rate / bareRate(commits), to: "one INSERT a row into a bare table" },
    });
    report({ name: "the same, each fifth of the run", unit: "points/s", values: rates });
    report({
      name: "a point written, processor time",
      unit: "µs",
      values: [(cpuMillis / (commits * POINTS_A_COMMIT)) * 1_000],
    });
  });
}

/** Which times the samples of one collection have. */
const JITTERS = {
  "without jitter": () => () => 0n,
  "±50 ms of jitter of each collection": (random: Random) => {
    const jitter = BigInt(random.below(101) - 50) * NANOS_PER_MILLI;
    return () => jitter;
  },
  "±50 ms of jitter of each series apart": (random: Random) => () => BigInt(random.below(101) - 50) * NANOS_PER_MILLI,
} as const;

async function measureSize(jitter: keyof typeof JITTERS, isGoal: boolean): Promise<void> {
  await withStore(async (store, path) => {
    const random = createRandom(15);
    const identities = counters(DAY_SERIES);
    const totals = new Array<number>(DAY_SERIES).fill(0);
    const samples = Math.max(50, Math.round(DAY_SAMPLES * scale));
    const raw = new BigInt64Array(DAY_SERIES * samples * 2);
    let next = 0;
    for (let sample = 0; sample < samples; sample++) {
      const jitterOf = JITTERS[jitter](random);
      const time = FIRST_NANO + 1_000n * NANOS_PER_MILLI + BigInt(sample) * 15_000n * NANOS_PER_MILLI;
      const series = collect(identities, totals, random, () => time + jitterOf());
      store.writePoints({ series });
      for (const [i, { points }] of series.entries()) {
        raw[next] = points[0]?.timeUnixNano ?? 0n;
        raw[next + 1] = BigInt(totals[i] ?? 0);
        next += 2;
      }
    }
    const outcome = await store.maintain({ nowMillis: (FIRST_DAY + 8) * DAY_MILLIS, isThorough: true });
    if (outcome.state !== "done") throw new Error(`Maintenance is ${outcome.state}.`);
    const count = DAY_SERIES * samples;
    const bytes = bytesOf(path, isCompressed) / count;
    report({
      name: `a compressed sample with its hours and days, ${jitter}`,
      unit: "bytes",
      values: [bytes],
      ...(isGoal ? { goal: { bound: "at most", value: MAX_BYTES_A_SAMPLE } } : {}),
      ratio: {
        value: bytes / (zstdCompressSync(Buffer.from(raw.buffer)).length / count),
        to: "plain zstd of 16-byte samples",
      },
    });
    report({
      name: `of that its points, ${jitter}`,
      unit: "bytes",
      values: [bytesOf(path, (table) => table.startsWith("series_chunk")) / count],
    });
    report({ name: `longest step of compressing, ${jitter}`, unit: "ms", values: [outcome.longestStepMillis] });
  });
}

async function measureHistory(): Promise<void> {
  await withStore(async (store, path) => {
    const random = createRandom(8);
    const identities = counters(HISTORY_SERIES);
    const totals = new Array<number>(HISTORY_SERIES).fill(0);
    const samples = Math.max(24, Math.round(HISTORY_SAMPLES * scale));
    const stepNano = BigInt(Math.floor(DAY_MILLIS / samples)) * NANOS_PER_MILLI;
    for (let day = 0; day < HISTORY_DAYS; day++) {
      for (let sample = 0; sample < samples; sample += 24) {
        const series = Array.from({ length: 24 }, (_, i) => {
          const time = FIRST_NANO + BigInt(day) * 86_400_000_000_000n + BigInt(sample + i) * stepNano;
          return collect(identities, totals, random, () => time);
        }).flat();
        store.writePoints({ series });
      }
    }
    const nowMillis = (FIRST_DAY + HISTORY_DAYS + 7) * DAY_MILLIS;
    const isPoint = (table: string): boolean => table === "point" || isCompressed(table);
    const before = bytesOf(path, isPoint);
    const outcome = await store.maintain({ nowMillis, isThorough: true });
    const after = bytesOf(path, isPoint);
    report({
      name: "points of 8 to 30 days, share of the bytes left by compression",
      unit: "of 1",
      values: [after / before],
      goal: { bound: "at most", value: MAX_SHARE_LEFT },
    });
    report({ name: "their file after it", unit: "MB", values: [statSync(path).size / 1e6] });
    report({ name: "longest step of that", unit: "ms", values: [outcome.longestStepMillis] });
    measureReading(store);
  });
}

function measureReading(store: Store): void {
  const dayNano = 86_400_000_000_000n;
  const metric = "bench.tokens";
  const timed = (read: () => unknown): number[] =>
    Array.from({ length: READS }, () => {
      const beganAt = performance.now();
      read();
      return performance.now() - beganAt;
    });
  const range = { metric, fromNano: FIRST_NANO, toNano: FIRST_NANO + BigInt(HISTORY_DAYS) * dayNano };
  report({
    name: "a page of 1,000 compressed points",
    unit: "ms",
    values: timed(() => store.pointPage({ ...range, fromNano: FIRST_NANO + 9n * dayNano })),
  });
  report({
    name: "hours of 20 series over 23 days",
    unit: "ms",
    values: timed(() => store.pointSummaries({ ...range, resolution: "hour", limit: 1_000_000 })),
  });
  report({
    name: "days of 20 series over 23 days",
    unit: "ms",
    values: timed(() => store.pointSummaries({ ...range, resolution: "day", limit: 1_000_000 })),
  });
  const beganAt = performance.now();
  const read = store.points(metric).reduce((sum, { points }) => sum + points.length, 0);
  report({
    name: "compressed points read one after the other",
    unit: "points/s",
    values: [read / ((performance.now() - beganAt) / 1000)],
  });
}

await measureWriting();
await measureSize("without jitter", true);
await measureSize("±50 ms of jitter of each collection", true);
await measureSize("±50 ms of jitter of each series apart", false);
await measureHistory();
