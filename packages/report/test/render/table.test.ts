import { describe, expect, it } from "vitest";
import { renderCsv } from "../../src/render/csv.ts";
import { createPalette } from "../../src/render/palette.ts";
import { renderTable } from "../../src/render/table.ts";
import type { Table } from "../../src/render/table-model.ts";
import { widthOf } from "../../src/render/width.ts";
import { sortTable } from "../../src/sort-rows.ts";

interface Row {
  readonly name: string;
  readonly tokens: number | null;
  readonly cost: number | null;
  readonly at: string | null;
}

const ROWS: readonly Row[] = [
  { name: "expert-backend", tokens: 450_000, cost: 1.5, at: "2026-11-22T07:10:00.000Z" },
  { name: "전문가-에이전트", tokens: null, cost: null, at: null },
  { name: '=cmd|"x",\u001b[2J', tokens: 7, cost: 0, at: "2026-01-02T23:59:00.000Z" },
];

const TABLE: Table<Row> = {
  columns: [
    { key: "name", title: "Agent", kind: "text", minWidth: 8, value: (row) => row.name },
    { key: "tokens", title: "Tokens", kind: "tokens", value: (row) => row.tokens },
    { key: "cost", title: "Cost", kind: "cost", value: (row) => row.cost, dropRank: 1 },
    { key: "at", title: "At", kind: "time", value: (row) => row.at, dropRank: 2 },
    { key: "hidden", kind: "count", value: () => 1 },
  ],
  rows: ROWS,
  totals: { name: "", tokens: 450_007, cost: 1.5, at: null },
};

const OPTIONS = { columns: 80, palette: createPalette(false), timeZone: "Asia/Seoul" };

describe("a table", () => {
  it("shows humanised numbers, times of the zone, and what is not known", () => {
    expect(renderTable(TABLE, OPTIONS)).toEqual([
      "Agent            Tokens      Cost  At",
      "──────────────────────────────────────────────",
      "expert-backend     450K     $1.50  11-22 16:10",
      "전문가-에이전트       –  unpriced  –",
      '=cmd|"x",\ufffd[2J         7     $0.00  01-03 08:59',
      "──────────────────────────────────────────────",
      "Total              450K     $1.50",
    ]);
  });

  it("fits every line into the width and says how many columns are missing", () => {
    const lines = renderTable(TABLE, { ...OPTIONS, columns: 23 });
    expect(lines.slice(0, -1).every((line) => widthOf(line) <= 23)).toBe(true);
    expect(lines[0]).toBe("Agent            Tokens");
    expect(lines.at(-1)).toBe("2 more columns on a wider screen, and in --csv and --json.");
  });

  it("cuts names but never numbers", () => {
    const lines = renderTable(TABLE, { ...OPTIONS, columns: 16 });
    expect(lines[2]).toBe("expert-…    450K");
  });

  it("is coloured only when asked, and each style is closed", () => {
    const plain = renderTable(TABLE, OPTIONS);
    const coloured = renderTable(TABLE, { ...OPTIONS, palette: createPalette(true) });
    expect(plain.join("")).not.toContain("\u001b");
    expect(coloured[0]).toBe(`\u001b[2m${plain[0]}\u001b[22m`);
  });

  it("shows the parts of a row under it, without cells that have no meaning there", () => {
    const part: Row = { name: "", tokens: 5, cost: 0.5, at: null };
    const lines = renderTable(
      { ...TABLE, rows: ROWS.slice(0, 1), totals: undefined, subRows: () => [part], subRowTitle: () => "sonnet" },
      OPTIONS,
    );
    expect(lines.at(-1)).toBe("└ sonnet             5  $0.50");
  });
});

describe("CSV", () => {
  it("has exact numbers, every column, quoted and harmless text, and nothing where nothing is known", () => {
    expect(renderCsv(TABLE)).toBe(
      [
        "name,tokens,cost,at,hidden",
        "expert-backend,450000,1.5,2026-11-22T07:10:00.000Z,1",
        "전문가-에이전트,,,,1",
        `"'=cmd|""x"",\ufffd[2J",7,0,2026-01-02T23:59:00.000Z,1`,
        "",
      ].join("\n"),
    );
  });
});

describe("sorting", () => {
  it("orders by any column, unknown values last in both directions", () => {
    expect(sortTable(TABLE, "tokens", "asc")?.rows.map((row) => row.tokens)).toEqual([7, 450_000, null]);
    expect(sortTable(TABLE, "tokens", "desc")?.rows.map((row) => row.tokens)).toEqual([450_000, 7, null]);
    expect(sortTable(TABLE, "name", "asc")?.rows[1]?.name).toBe("expert-backend");
  });

  it("knows no column that the table does not have", () => {
    expect(sortTable(TABLE, "nope", "asc")).toBeUndefined();
    expect(sortTable(TABLE, "constructor", "asc")).toBeUndefined();
  });
});
