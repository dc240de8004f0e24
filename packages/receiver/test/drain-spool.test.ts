import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import {
  createFactJournal,
  encodeFacts,
  encodeSpoolFile,
  openStore,
  type PointBatch,
  type Store,
  writeSpoolFile,
} from "@moai-metrics/store";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { drainSpool } from "../src/index.ts";

const NONE_BAD = { unreadableFiles: [], brokenFiles: [] };
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
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 0, facts: 0, points: 0, ...NONE_BAD });
  });

  it("writes what waits and removes the files", () => {
    writeSpoolFile(folder, [call("a"), call("b")]);
    writeSpoolFile(folder, [call("c")]);
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 2, facts: 3, points: 0, ...NONE_BAD });
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

  it("counts entries that are no facts, sets damaged files aside, and leaves those that a newer version wrote", () => {
    const path = writeSpoolFile(folder, [call("a"), { kind: "nonsense" } as unknown as Fact]);
    const cutOff = path.replace(/_\d+\.json$/, "_9000.json");
    writeFileSync(cutOff, '{"version":1,"facts":[');
    const blocked = path.replace(/_\d+\.json$/, "_9001.json");
    mkdirSync(blocked);
    const newer = path.replace(/_\d+\.json$/, "_9002.json");
    writeFileSync(newer, '{\n  "version": 3,\n  "rows": []\n}\n');
    const newerJournal = join(folder, "1-1-1_1.journal");
    const damagedJournal = join(folder, "1-1-1_2.journal");
    writeFileSync(newerJournal, '{"journal":2}\nrow\n');
    writeFileSync(damagedJournal, "\0\0\0\n");
    const later = Date.now() + 60_000;
    const unreadableFiles = [newerJournal, blocked, newer];
    const brokenFiles = [damagedJournal, cutOff];
    const expected = { filesDrained: 1, facts: 1, points: 0, unreadableFiles, brokenFiles };
    expect(drainSpool(store, folder, later)).toEqual(expected);
    expect(drainSpool(store, folder, later)).toMatchObject({ filesDrained: 0, unreadableFiles, brokenFiles: [] });
    expect(store.skipped()).toEqual([
      { product: "spool", reason: "file that is damaged", count: 2 },
      { product: "spool", reason: "entry that is no fact", count: 1 },
    ]);
    const left = [...unreadableFiles, ...brokenFiles.map((damaged) => `${damaged}.broken`)];
    expect(readdirSync(folder).toSorted()).toEqual(left.map((each) => basename(each)).toSorted());
  });

  it("takes in after a minute what a killed process left under a temporary name, or sets it aside", () => {
    const text = encodeSpoolFile([call("a")]);
    mkdirSync(folder);
    writeFileSync(join(folder, "1-1-0_1.json.tmp"), text);
    writeFileSync(join(folder, "1-1-0_2.json.tmp"), text.slice(0, -1));
    writeFileSync(join(folder, "somebody-elses.json.tmp"), text);
    const now = Date.now();
    expect(drainSpool(store, folder, now)).toEqual({ filesDrained: 0, facts: 0, points: 0, ...NONE_BAD });
    const brokenFiles = [join(folder, "1-1-0_2.json")];
    const expected = { filesDrained: 1, facts: 1, points: 0, unreadableFiles: [], brokenFiles };
    expect(drainSpool(store, folder, now + 61_000)).toEqual(expected);
    expect(callsStored()).toBe(1);
    expect(readdirSync(folder).toSorted()).toEqual(["1-1-0_2.json.broken", "somebody-elses.json.tmp"]);
    expect(drainSpool(store, folder, now + 61_000)).toMatchObject({ filesDrained: 0, brokenFiles: [] });
  });

  it("takes in what the journal of a process that is gone has left, and leaves that of a running one alone", () => {
    const journal = createFactJournal(folder);
    journal.append(encodeFacts([call("running")]));
    const { pid } = spawnSync(process.execPath, ["-e", "0"]);
    const lines = ['{"journal":1}', encodeFacts([call("a")]), '[{"kind":"nonsense"}]', encodeFacts([call("b")])];
    writeFileSync(join(folder, `1-${pid}-1_1.journal`), `${lines.join("\n")}\n[{"kind":"model_c`);
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 1, facts: 2, points: 0, ...NONE_BAD });
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
    expect(drainSpool(store, folder)).toEqual({ filesDrained: 1, facts: 1, points: 3, ...NONE_BAD });
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
