/** Pages for a terminal or a pipe. */
import { createCellFormat } from "../render/cell-format.ts";
import { toPlainText } from "../render/plain-text.ts";
import { renderTable, type TableOptions } from "../render/table.ts";
import type { Table } from "../render/table-model.ts";
import { pad, widthOf, wrapToWidth } from "../render/width.ts";
import { shortPaths } from "../tables/short-names.ts";
import { changeText } from "./change-text.ts";
import type { ChartPoint, Page, PageChart, PageTable } from "./types.ts";

const MAX_BAR_WIDTH = 30;
const BAR = "█";
/** Fields of a row as the tables of the terminal want them. */
type Cells = PageTable["rows"][number];

/** Renders a page as lines without line ends. */
export function renderText(page: Page, options: TableOptions): string[] {
  const { palette } = options;
  const format = createCellFormat(page.timeZone);
  const titleWidth = Math.max(0, ...page.figures.map(({ title }) => widthOf(title)));
  const figures = page.figures.map(({ title, kind, value, text: shown, change }) => {
    const text = change === undefined ? "" : changeText(change);
    const coloured = change?.isGood === undefined ? text : change.isGood ? palette.good(text) : palette.bad(text);
    return `${pad(title, titleWidth, "left")}  ${pad(shown ?? format(kind, value), 9, "right")}  ${coloured}`.trimEnd();
  });
  const label = page.label === undefined ? [] : wrapToWidth(toPlainText(page.label), options.columns);
  return [
    ...label.map((line) => palette.warning(line)),
    ...(label.length === 0 ? [] : [""]),
    palette.title(toPlainText(page.title)),
    palette.faint(toPlainText(page.subtitle)),
    ...(figures.length === 0 ? [] : ["", ...figures]),
    ...page.sections.flatMap(({ question, chart, table }) => [
      "",
      palette.strong(toPlainText(question)),
      // Bars of names only repeat their table; a run of time has none.
      ...(chart === undefined || table !== undefined ? [] : chartLines(chart, options.columns)),
      ...(table === undefined ? [] : tableLines(table, options)),
    ]),
    "",
    ...page.notes.flatMap((note) => wrapToWidth(toPlainText(note), options.columns).map((line) => palette.faint(line))),
  ];
}

function tableLines(table: PageTable, options: TableOptions): string[] {
  if (table.rows.length === 0) return ["Nothing recorded."];
  const count = table.columns.length;
  const model: Table<Cells> = {
    columns: table.columns.map(({ key, title, kind, isKept, dropRank, minWidth }, index) => {
      const isText = kind === "text";
      const value = (row: Cells) => row[index] ?? null;
      const paths = key === "project" ? shortPaths(table.rows.map((row) => String(value(row) ?? ""))) : undefined;
      return {
        key,
        title,
        kind,
        value,
        ...(paths && { shortValue: (row: Cells) => paths.get(String(value(row) ?? "")) ?? "" }),
        ...(index === 0 ? { minWidth: minWidth ?? 12 } : isText && { minWidth }),
        ...(index > 0 && !isKept && { dropRank: dropRank === undefined ? count - index : count + dropRank }),
      };
    }),
    rows: table.rows,
  };
  return renderTable(model, { ...options, isCompact: true });
}

function chartLines({ points, kind }: PageChart, columns: number): string[] {
  const format = createCellFormat("UTC");
  const most = Math.max(0, ...points.flatMap(({ value }) => value ?? []));
  if (most === 0) return ["Nothing recorded."];
  const labelWidth = Math.max(...points.map(({ label }) => widthOf(label)));
  const room = Math.max(5, Math.min(MAX_BAR_WIDTH, columns - labelWidth - 12));
  const line = ({ label, value }: ChartPoint): string => {
    const length = Math.round(((value ?? 0) / most) * room);
    return `${pad(label, labelWidth, "left")}  ${pad(format(kind, value), 8, "right")}  ${BAR.repeat(length)}`.trimEnd();
  };
  return points.map(line);
}
