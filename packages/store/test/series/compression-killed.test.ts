/** Compression in another process, killed again and again while late points come in. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { PointBatch, SeriesIdentity } from "../../src/series/types.ts";
import { temporaryFolder, temporaryStore } from "../helpers.ts";
import { startPacker } from "./packer.ts";

const DAY = 20_400;
const NOW = (DAY + 30) * 86_400_000;
const SERIES = 8;
const ROUNDS = 4;
const DAYS = 3;

const identityOf = (index: number): SeriesIdentity => ({
  metric: "m",
  kind: "sum",
  unit: "1",
  description: "",
  temporality: "cumulative",
  isMonotonic: true,
  valueType: "int",
  attributes: { index },
  resource: {},
  scope: { name: "s", version: "" },
});

/** Point number `i` of every series; neighbours lie on different days, so that each batch comes late for all of them. */
const batchOf = (i: number): PointBatch => ({
  series: Array.from({ length: SERIES }, (_, index) => ({
    identity: identityOf(index),
    points: [
      {
        startTimeUnixNano: 0n,
        timeUnixNano: BigInt(DAY + (i % DAYS)) * 86_400_000_000_000n + BigInt(i) * 1_000_000_000n,
        value: { kind: "number", value: i * SERIES + index },
      },
    ],
  })),
});

it("a compressor that is killed at any moment, beside a writer of late points, loses and doubles no point", async () => {
  const store = temporaryStore({ busyTimeoutMillis: 20_000 });
  let written = 0;
  const write = (batches: number): void => {
    for (const end = written + batches; written < end; written++) store.writePoints(batchOf(written));
  };
  write(200);
  for (let round = 0; round < ROUNDS; round++) {
    // The one before may have packed everything before it was killed: then this one would have nothing to do.
    write(DAYS);
    const packer = startPacker(store.path, NOW);
    await packer.hasPacked();
    for (let i = 0; i < 40; i++) {
      write(1);
      await sleep(round);
    }
    await packer.kill();

    const expected = Array.from({ length: SERIES }, (_, index) =>
      Array.from({ length: written }, (_each, i) => i * SERIES + index),
    );
    const values = store
      .points("m")
      .map(({ points }) =>
        points.map(({ value }) => (value.kind === "number" ? Number(value.value) : -1)).sort((a, b) => a - b),
      );
    expect(values).toEqual(expected);
    expect(store.writePoints(batchOf(round))).toEqual({ inserted: 0, repeated: SERIES, refused: {} });
    const days = store.pointSummaries({ metric: "m", resolution: "day", limit: 1000 }).series[0]?.buckets;
    expect(days?.reduce((sum, { summary }) => sum + summary.points, 0)).toBe(written);
  }
});

it("a compressor that dies is no endless wait: the test hears what it said", async () => {
  const packer = startPacker(join(temporaryFolder(), "no such folder", "metrics.db"), NOW);
  await expect(packer.hasPacked()).rejects.toThrow(/exit code 1.*directory does not exist/s);
});
