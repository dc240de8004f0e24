import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import {
  createFactJournal,
  encodeFacts,
  openStore,
  type PointBatch,
  type Store,
  writeSpoolFile,
} from "@moai-metrics/store";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { drainSpool } from "../src/index.ts";

const NOW = Date.UTC(2026, 10, 22, 12);

let folder: string;
let store: Store;

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "receiver-"));
  folder = join(home, "spool");
  store = openStore({ path: join(home, "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(home, { recursive: true, force: true });
  });
});

function call(requestId: string): Fact {
  return {
    kind: "model_call",
    witness: "process",
    product: "shop",
    sessionId: "s",
    requestId,
    endedAtMillis: NOW,
    usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 },
  };
}

const callsStored = (): number => store.ledger.usage({})[0]?.calls ?? 0;

describe("draining the spool", () => {
  it("finds nothing where there is no spool", () => {
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 0, facts: 0, points: 0, unreadableFiles: [] });
  });

  it("writes what waits and removes the files", () => {
    writeSpoolFile(folder, [call("a"), call("b")]);
    writeSpoolFile(folder, [call("c")]);
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 2, facts: 3, points: 0, unreadableFiles: [] });
    expect(callsStored()).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("counts facts once that were written before the file was removed", () => {
    const path = writeSpoolFile(folder, [call("a")]);
    const text = readFileSync(path);
    drainSpool(store, folder);
    writeFileSync(path, text);
    drainSpool(store, folder);
    expect(callsStored()).toBe(1);
  });

  it("counts entries that are no facts, and leaves files alone that it cannot read", () => {
    const path = writeSpoolFile(folder, [call("a"), { kind: "nonsense" } as unknown as Fact]);
    const cutOff = path.replace(/_\d+\.json$/, "_9000.json");
    writeFileSync(cutOff, '{"version":1,"facts":[');
    const blocked = path.replace(/_\d+\.json$/, "_9001.json");
    mkdirSync(blocked);
    expect(drainSpool(store, folder)).toEqual({
      filesDrained: 1,
      facts: 1,
      points: 0,
      unreadableFiles: [cutOff, blocked],
    });
    expect(store.skipped()).toEqual([{ product: "spool", reason: "entry that is no fact", count: 1 }]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it("takes in what the journal of a process that is gone has left, and leaves that of a running one alone", () => {
    const journal = createFactJournal(folder);
    journal.append(encodeFacts([call("running")]));
    const { pid } = spawnSync(process.execPath, ["-e", "0"]);
    const lines = ['{"journal":1}', encodeFacts([call("a")]), '[{"kind":"nonsense"}]', encodeFacts([call("b")])];
    writeFileSync(join(folder, `1-${pid}-1_1.journal`), `${lines.join("\n")}\n[{"kind":"model_c`);
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 1, facts: 2, points: 0, unreadableFiles: [] });
    expect(callsStored()).toBe(2);
    expect(store.skipped()).toEqual([{ product: "spool", reason: "entry that is no fact", count: 1 }]);
    expect(drainSpool(store, folder, Date.now() + 60_000)).toMatchObject({ filesDrained: 1, facts: 1 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("writes data points, once, and counts those that the store refuses", () => {
    const points = (values: number[]): PointBatch => ({
      series: [
        {
          identity: {
            metric: "m",
            kind: "gauge",
            unit: "",
            description: "",
            temporality: "none",
            isMonotonic: false,
            valueType: "double",
            attributes: {},
            resource: {},
            scope: { name: "", version: "" },
          },
          points: values.map((value, i) => ({
            startTimeUnixNano: 0n,
            timeUnixNano: BigInt(NOW + i) * 1_000_000n,
            value: { kind: "number", value },
          })),
        },
      ],
    });
    const path = writeSpoolFile(folder, [call("a")], { points: points([1, 2, Number.NaN]) });
    const text = readFileSync(path);
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 1, facts: 1, points: 3, unreadableFiles: [] });
    writeFileSync(path, text);
    drainSpool(store, folder);
    expect(store.points("m").flatMap((series) => series.points.map(({ value }) => value))).toEqual([
      { kind: "number", value: 1 },
      { kind: "number", value: 2 },
    ]);
    expect(store.skipped()).toEqual([{ product: "spool", reason: "refused point: not a number", count: 1 }]);
  });

  it("loses no file when the store cannot be written", () => {
    writeSpoolFile(folder, [call("a")]);
    store.close();
    expect(() => drainSpool(store, folder)).toThrow(expect.objectContaining({ code: "closed" }));
    expect(readdirSync(folder)).toHaveLength(1);
  });
});
