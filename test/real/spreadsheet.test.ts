/** LibreOffice opens our CSV: numbers are numbers, and no name is a formula. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { totalTokens } from "@moai-metrics/model";
import { exportCsv } from "@moai-metrics/report";
import { describe, expect, it } from "vitest";
import { HOSTILE_NAMES } from "../../packages/report/test/support/hostile-names.ts";
import { hostileFacts } from "../support/hostile-facts.ts";
import { temporaryFolderOfFile, variedStore } from "../support/varied-store.ts";
import { findRealPart } from "./parts.ts";

const soffice = findRealPart("soffice");
const folder = temporaryFolderOfFile();

/** A cell of a flat OpenDocument table: its type, its number and its formula as LibreOffice understood them. */
interface Cell {
  readonly type: string | undefined;
  readonly value: string | undefined;
  readonly formula: string | undefined;
}

/** Cells of each row, repeated ones as often as they are meant. */
function cellsOf(document: string): Cell[][] {
  return [...document.matchAll(/<table:table-row[^>]*>(.*?)<\/table:table-row>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<table:table-cell([^>]*?)\/?>/g)].flatMap(([, attributes = ""]) => {
      const read = (name: string): string | undefined => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1];
      const cell = { type: read("office:value-type"), value: read("office:value"), formula: read("table:formula") };
      return Array.from({ length: Math.min(100, Number(read("table:number-columns-repeated") ?? 1)) }, () => cell);
    }),
  );
}

/** Converts a CSV as a person would open it: comma, quotes, UTF-8, cells that look like numbers are numbers. */
function openInSpreadsheet(name: string, csv: string): Cell[][] {
  const file = join(folder, `${name}.csv`);
  writeFileSync(file, csv);
  const profile = pathToFileURL(join(folder, "profile")).href;
  const { status, stderr } = spawnSync(
    soffice ?? "soffice",
    [
      ...[`-env:UserInstallation=${profile}`, "--headless", "--infilter=CSV:44,34,76,1,,1033,false,true,false"],
      ...["--convert-to", "fods", "--outdir", folder, file],
    ],
    { encoding: "utf8", timeout: 120_000 },
  );
  expect(status, stderr).toBe(0);
  return cellsOf(readFileSync(join(folder, `${name}.fods`), "utf8"));
}

describe.skipIf(soffice === undefined)("LibreOffice", { timeout: 180_000 }, () => {
  it("opens calls with their tokens and costs as numbers that add up", () => {
    const { store, nowMillis } = variedStore(join(folder, "varied.db"));
    const [header = "", ...lines] = [...exportCsv(store, { filter: {}, nowMillis }, "calls")].join("").split("\r\n");
    const rows = openInSpreadsheet("calls", [header, ...lines].join("\r\n")).slice(1, lines.length);
    const { tokens, costNanoUsd, totalCalls } = store.query.summary({});
    expect(rows).toHaveLength(totalCalls);
    const columnOf = (name: string): Cell[] => {
      const place = header.replace("\ufeff", "").split(",").indexOf(name);
      return rows.flatMap((row) => row[place] ?? []).filter(({ type }) => type !== undefined);
    };
    const sumOf = (cells: readonly Cell[]): number => cells.reduce((sum, { value }) => sum + Number(value), 0);
    for (const name of ["totalTokens", "totalCost", "durationMs"]) {
      expect(columnOf(name).length).toBeGreaterThan(10);
      for (const { type } of columnOf(name)) expect(type).toBe("float");
    }
    expect(sumOf(columnOf("totalTokens"))).toBe(totalTokens(tokens));
    expect(sumOf(columnOf("totalCost"))).toBeCloseTo(costNanoUsd / 1e9, 9);
  });

  it("runs nothing that stands in a name", () => {
    const { store, nowMillis } = variedStore(join(folder, "hostile.db"), hostileFacts());
    const rows = openInSpreadsheet("hostile", [...exportCsv(store, { filter: {}, nowMillis }, "tools")].join(""));
    expect(rows.length).toBeGreaterThan(0.95 * HOSTILE_NAMES.length);
    expect(rows.flat().filter(({ formula }) => formula !== undefined)).toEqual([]);
  });

  it("would have run it, had it been written as it is", () => {
    const rows = openInSpreadsheet("bare", '\ufeffname\r\n"=1+1"\r\n=1+1\r\n');
    expect(rows.flat().some(({ formula, value }) => formula !== undefined || value === "2")).toBe(true);
  });
});
