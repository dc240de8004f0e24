/** Prints the rows of a command as a table, as JSON or as CSV. */
import {
  envelope,
  hiddenFields,
  renderCsv,
  renderJson,
  renderTable,
  sortTable,
  type Table,
  withoutColumns,
  withoutFields,
  wrapToWidth,
} from "@moai-metrics/report";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { CommonFlags, FormatFlags, RowFlags } from "../flags/declare.ts";
import type { Screen } from "./screen.ts";

/** Rows, ready to be shown. */
export interface RowView<Row> {
  readonly command: string;
  readonly config: MetricsConfig;
  readonly table: Table<Row>;
  /** Totals of the document, where the table has none to show. */
  readonly totals?: unknown;
  /** What stands under the table, one sentence each. */
  readonly notes: readonly string[];
  /** What is said where there are no rows. */
  readonly whenEmpty?: string;
}

/** Prints rows in the form that the flags ask for. */
export function printRows<Row>(
  context: CliContext,
  screen: Screen,
  flags: CommonFlags & FormatFlags & Omit<RowFlags, "groupBy">,
  view: RowView<Row>,
): void {
  const hidden = hiddenFields(view.command, view.config);
  const table = sorted(withoutColumns(view.table, hidden), flags);
  if (flags.json) {
    const rows = table.rows.map((row) => withoutFields(row, hidden));
    context.write(renderJson(envelope(view.command, rows, withoutFields(view.totals ?? table.totals, hidden))));
  } else if (flags.csv) {
    context.write(renderCsv(table));
  } else {
    context.write(`${screenLines(context, screen, { ...view, table }).join("\n")}\n`);
  }
}

function screenLines<Row>(
  context: CliContext,
  screen: Screen,
  { table, notes, whenEmpty = "Nothing recorded for this choice." }: RowView<Row>,
): readonly string[] {
  const { palette } = screen;
  const label = context.dataLabel === undefined ? [] : [palette.warning(context.dataLabel), ""];
  if (table.rows.length === 0) return [...label, whenEmpty];
  return [
    ...label,
    ...renderTable(table, screen),
    ...notes.flatMap((note) => wrapToWidth(note, screen.columns).map(palette.faint)),
  ];
}

/**
 * Rows in the order that the flags ask for.
 * @throws UsageError with the columns that there are.
 */
export function sorted<Row>(table: Table<Row>, { sort, order }: Pick<RowFlags, "sort" | "order">): Table<Row> {
  if (sort === undefined) return order === undefined ? table : inOrder(table, order);
  const result = sortTable(table, sort, order ?? "desc");
  if (result === undefined) {
    const keys = table.columns.map((column) => column.key).join(", ");
    throw new UsageError(`--sort ${sort}: there is no such column. Columns: ${keys}.`);
  }
  return result;
}

/** Without a column, the order is that of the first one: time, or the name. */
function inOrder<Row>(table: Table<Row>, order: "asc" | "desc"): Table<Row> {
  const first = table.columns[0];
  return first === undefined ? table : (sortTable(table, first.key, order) ?? table);
}
