/** The page of a row command: one table, and a chart of who has most. */
import type { Column, Table } from "../render/table-model.ts";
import { pageTable } from "./page-table.ts";
import type { Page, PageSection } from "./types.ts";

/** How to present rows. */
export interface RowsPageOptions {
  readonly title: string;
  readonly question: string;
  readonly subtitle: string;
  readonly timeZone: string;
  /** The field that bars show, and the one that names them. Without it there is no chart. */
  readonly chart?: { readonly name: string; readonly value: string; readonly title: string } | undefined;
  readonly notes: readonly string[];
}

const MAX_BARS = 15;

/** As many as fit on paper. */
const MAX_COLUMNS = 10;

/** Lays rows out, with the columns that a narrow screen would keep; all of them are in CSV and JSON. */
export function rowsPage<Row>(table: Table<Row>, options: RowsPageOptions): Page {
  const shown = pageTable({ ...table, columns: keptColumns(table.columns) });
  const section: PageSection = {
    question: options.question,
    chart: options.chart === undefined ? undefined : chartOf(table, options.chart),
    table: shown,
  };
  const { title, subtitle, timeZone, notes } = options;
  return { title, subtitle, timeZone, figures: [], sections: [section], notes };
}

function keptColumns<Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] {
  const titled = columns.filter(({ title }) => title !== undefined);
  const kept = new Set(titled.toSorted((a, b) => (a.dropRank ?? 0) - (b.dropRank ?? 0)).slice(0, MAX_COLUMNS));
  return titled.filter((column) => kept.has(column));
}

function chartOf<Row>(
  table: Table<Row>,
  asked: NonNullable<RowsPageOptions["chart"]>,
): PageSection["chart"] | undefined {
  const name = table.columns.find(({ key }) => key === asked.name);
  const value = table.columns.find(({ key }) => key === asked.value);
  if (name === undefined || value === undefined || table.rows.length < 2) return undefined;
  const points = table.rows.slice(0, MAX_BARS).map((row) => {
    const amount = value.value(row);
    return {
      label: name.shortValue?.(row) ?? String(name.value(row) ?? ""),
      value: typeof amount === "number" ? amount : null,
    };
  });
  return { form: "bars", title: asked.title, kind: value.kind, points };
}
