/** Importing reports of quality into a store, and what the settings keep out. */
import { chmodSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveConfig } from "@moai-metrics/settings";
import { openStore, type Store, StoreError } from "@moai-metrics/store";
import fc from "fast-check";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { importQuality } from "../src/import-quality.ts";
import { createTrackingStore } from "../src/index.ts";

const MEASURED = new Date("2026-11-22T10:30:00.123Z");

let folder: string;
let store: Store;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "import-quality-")));
  store = openStore({ path: join(folder, "store", "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

/** An lcov file with so many covered lines of so many lines. */
function lcov(name: string, good: number, total: number, time = MEASURED): string {
  const lines = Array.from({ length: total }, (_, i) => `DA:${i + 1},${i < good ? 1 : 0}`);
  writeFileSync(join(folder, name), ["SF:a.c", ...lines, "end_of_record", ""].join("\n"));
  utimesSync(join(folder, name), time, time);
  return name;
}

const importFiles = (files: readonly string[], atMillis?: number) =>
  importQuality(store, { files, folder, project: "/p/shop", atMillis });

describe("importing reports", () => {
  it("measures at the time of --at, else of the report, else of the file's last change", () => {
    writeFileSync(join(folder, "c.xml"), '<coverage lines-valid="2" lines-covered="1" timestamp="1795883657473"/>');
    expect(importFiles([lcov("a.info", 1, 2), "c.xml"]).reports.map(({ atMillis }) => atMillis)).toEqual([
      MEASURED.getTime(),
      1_795_883_657_473,
    ]);
    expect(importFiles(["c.xml"], 5).reports).toMatchObject([{ atMillis: 5, state: "new" }]);
  });

  it("counts every measurement once, in whatever order and however often files are imported", () => {
    const files = [1, 2, 3].map((day) => lcov(`${day}.info`, day, 4, new Date(MEASURED.getTime() + day)));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...files)), (imported) => {
        const { failed } = importFiles([...imported, ...files]);
        expect(failed).toEqual([]);
        expect(store.ledger.quality({}).map(({ score }) => score)).toEqual([0.25, 0.5, 0.75]);
      }),
      { numRuns: 15 },
    );
  });

  it("takes the better of two reports of the same moment, and says that it changed", () => {
    importFiles([lcov("a.info", 1, 4)]);
    expect(importFiles([lcov("a.info", 3, 4)]).reports).toMatchObject([{ state: "changed", score: 0.75 }]);
    expect(importFiles([lcov("a.info", 2, 4)]).reports).toMatchObject([{ state: "known" }]);
    expect(store.ledger.quality({})).toMatchObject([{ score: 0.75, counts: { good: 3, total: 4 } }]);
  });

  it("of one call never lets one report hide another", () => {
    const { reports, failed } = importFiles([lcov("a.info", 1, 4), lcov("b.info", 3, 4), lcov("c.info", 1, 4)]);
    expect(reports.map(({ file, state }) => [file, state])).toEqual([
      ["a.info", "new"],
      ["c.info", "known"],
    ]);
    expect(failed).toEqual([{ file: "b.info", problem: expect.stringContaining("something else than a.info") }]);
  });

  it.skipIf(process.getuid?.() === 0)("tells of a file that may not be read", () => {
    lcov("a.info", 1, 4);
    chmodSync(join(folder, "a.info"), 0);
    expect(importFiles(["a.info"]).failed).toEqual([{ file: "a.info", problem: "cannot be read (EACCES)" }]);
  });

  it("says how a file is unusable that is a folder, or lies in a file", () => {
    expect(importFiles(["store", `${lcov("a.info", 1, 4)}/b`]).failed).toEqual([
      { file: "store", problem: "is not a file" },
      { file: "a.info/b", problem: "cannot be read (ENOTDIR)" },
    ]);
  });

  it("stops when the store cannot be written: that is no matter of the file", () => {
    store.close();
    expect(() => importFiles([lcov("a.info", 1, 4)])).toThrow(StoreError);
  });

  it("stores what the project's settings want, and gives the reason for the rest", () => {
    const asked: unknown[] = [];
    const config = resolveConfig({ quality: { lint_scores: true } });
    const tracking = createTrackingStore(store, (project) => {
      asked.push(project);
      return config;
    });
    const options = { files: [lcov("a.info", 1, 4)], folder, project: "/p/shop" };
    expect(importQuality(tracking, options).reports).toMatchObject([
      { state: "refused", reason: "switched off: quality.test_coverage" },
    ]);
    expect(asked).toEqual(["/p/shop"]);
    expect(store.ledger.quality({})).toEqual([]);
  });
});
