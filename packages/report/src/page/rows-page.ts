/** The page of a row command: one table, and a chart of who has most. */
import type { Table } from "../render/table-model.ts";
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

/** Lays rows out. Columns that a screen has no title for stay in CSV and JSON. */
export function rowsPage<Row>(table: Table<Row>, options: RowsPageOptions): Page {
  const shown = pageTable({ ...table, columns: table.columns.filter(({ title }) => title !== undefined) });
  const section: PageSection = {
    question: options.question,
    chart: options.chart === undefined ? undefined : chartOf(table, options.chart),
    table: shown,
  };
  const { title, subtitle, timeZone, notes } = options;
  return { title, subtitle, timeZone, figures: [], sections: [section], notes };
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
