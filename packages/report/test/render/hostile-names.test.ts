/** Hostile names in tables, JSON, CSV, the overview and the card of a session. Pages: page/pages.test.ts. */
import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import type { Store } from "@moai-metrics/store";
import { beforeEach, describe, expect, it } from "vitest";
import {
  agentMetricsDocument,
  createPalette,
  envelope,
  overviewReport,
  renderCsv,
  renderJson,
  renderOverview,
  renderSessionCard,
  renderTable,
  sessionReport,
  sessionTable,
  taskReport,
  taskTable,
  tokenUsageDocument,
  toolReport,
  toolTable,
  usageByDimension,
  usageTable,
} from "../../src/index.ts";
import { CONTROL_CHARACTERS, HOSTILE_NAMES } from "../support/hostile-names.ts";
import { call, NOON, session, storeWith, task, tool } from "../support/ledger.ts";

const UTC = createZoneCalendar("UTC");
const SCREEN = { columns: 80, palette: createPalette(false), timeZone: "UTC" };

let store: Store;

beforeEach(() => {
  store = storeWith(
    HOSTILE_NAMES.flatMap((name, i): Fact[] => [
      { ...session(`s${i}${name}`, NOON, NOON), project: `/p/${name}`, branch: name, version: name } as Fact,
      task(`s${i}${name}`, `t${i}${name}`, name, NOON + i, "success"),
      call(`s${i}${name}`, `t${i}${name}`, `r${i}`, NOON, { model: name }),
      tool(`s${i}${name}`, `t${i}${name}`, `c${i}`, name, NOON),
    ]),
  );
});

const isOneLine = (lines: readonly string[]): void => {
  for (const line of lines) {
    expect(line).not.toMatch(/\n/);
    expect(line).not.toMatch(CONTROL_CHARACTERS);
    expect(line.isWellFormed()).toBe(true);
  }
};

/** Every table that there is. */
function tables() {
  const { ledger } = store;
  return [
    usageTable(usageByDimension(ledger, { dimensions: ["agent"], filter: {} }), {
      dimensions: ["agent"],
      isBrokenDown: true,
    }),
    usageTable(usageByDimension(ledger, { dimensions: ["project", "model"], filter: {} }), {
      dimensions: ["project", "model"],
      isBrokenDown: false,
    }),
    sessionTable(sessionReport(ledger, { filter: {} }), { isBrokenDown: false }),
    taskTable(taskReport(ledger, { filter: {} }), { isBrokenDown: false }),
    toolTable(toolReport(ledger, {})),
  ] as const;
}

describe("hostile names", () => {
  it("stay on their line of a table", () => {
    for (const table of tables()) {
      for (const columns of [40, 80, 200]) {
        const lines = renderTable(table as ReturnType<typeof tables>[0], { ...SCREEN, columns });
        expect(lines.length).toBeGreaterThan(250);
        isOneLine(lines);
      }
    }
  });

  it("stay in their cell of CSV, and no cell begins a formula", () => {
    for (const table of tables()) {
      const rows = parseCsv(renderCsv(table as ReturnType<typeof tables>[0]));
      expect(rows.length).toBeGreaterThan(250);
      for (const row of rows) {
        expect(row).toHaveLength(table.columns.length);
        for (const cell of row) {
          // A number may be negative; a text may not look like the beginning of a formula.
          if (Number.isNaN(Number(cell))) expect(cell.trimStart()).not.toMatch(/^[=+\-@]/);
          expect(cell).not.toMatch(CONTROL_CHARACTERS);
        }
      }
    }
  });

  it("come back whole from JSON, which holds nothing that a terminal obeys", () => {
    const { rows, totals } = usageByDimension(store.ledger, { dimensions: ["agent"], filter: {} });
    const documents = [
      envelope("agent", rows, totals),
      agentMetricsDocument(store.ledger, { filter: {}, calendar: UTC }),
      tokenUsageDocument(store, `s0${HOSTILE_NAMES[0]}`),
    ];
    for (const document of documents) {
      const text = renderJson(document);
      expect(text).not.toMatch(CONTROL_CHARACTERS);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
    }
    const names = new Set(rows.map(({ agent }) => agent));
    for (const name of ["<script>alert(1)</script>", '"quoted"', "=cmd|' /C calc'!A0", "a,b"])
      expect(names).toContain(name);
  });

  it("stay in their place on the overview and on the card of a session", () => {
    const overview = overviewReport(store.ledger, { calendar: UTC, nowMillis: NOON + 60_000, filter: {} });
    isOneLine(renderOverview(overview, { ...SCREEN, rows: 700, notes: [] }));
    for (const row of sessionReport(store.ledger, { filter: {} }).rows) isOneLine(renderSessionCard(row, SCREEN));
  });
});

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
    if (end === "") break;
  }
  return rows.filter((each) => each.length > 1 || each[0] !== "");
}
