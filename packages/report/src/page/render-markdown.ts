/** Pages as GitHub-flavoured Markdown. */
import { type CellFormat, createCellFormat } from "../render/cell-format.ts";
import { changeText } from "./change-text.ts";
import type { Page, PageSection, PageTable } from "./types.ts";

/** Characters that mean something in Markdown or begin HTML or a link. */
const MARKS = /[\\`*_{}[\]<>()#+!|~&:@/-]/g;

/** Renders a page; names are escaped, so that none is a link, an image or HTML. */
export function renderMarkdown(page: Page): string {
  const format = createCellFormat(page.timeZone);
  const figures = page.figures.map((figure) => {
    const change = figure.change === undefined ? "" : ` (${changeText(figure.change)})`;
    return `- **${figure.title}:** ${escapeMarkdown(figure.text ?? format(figure.kind, figure.value))}${change}`;
  });
  const blocks = [
    ...(page.label === undefined ? [] : [`**${escapeMarkdown(page.label)}**`]),
    `# ${escapeMarkdown(page.title)}`,
    escapeMarkdown(page.subtitle),
    ...(figures.length === 0 ? [] : [figures.join("\n")]),
    ...page.sections.flatMap((section) => sectionBlocks(section, format)),
    ...page.notes.map(escapeMarkdown),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function sectionBlocks({ question, chart, table }: PageSection, format: CellFormat): string[] {
  const shown = table ?? (chart === undefined ? undefined : tableOfChart(chart));
  return [`## ${escapeMarkdown(question)}`, ...(shown === undefined ? [] : [tableBlock(shown, format)])];
}

/** A chart as the table of its values: Markdown draws nothing. */
function tableOfChart({ title, kind, points }: NonNullable<PageSection["chart"]>): PageTable {
  return {
    columns: [
      { key: "label", title: "", kind: "text" },
      { key: "value", title, kind },
    ],
    rows: points.map(({ label, value }) => [label, value]),
  };
}

function tableBlock({ columns, rows }: PageTable, format: CellFormat): string {
  if (rows.length === 0) return "Nothing recorded.";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => escapeMarkdown(title ?? ""))),
    line(columns.map(({ kind }) => (kind === "text" || kind === "time" ? "---" : "---:"))),
    ...rows.map((row) => line(row.map((cell, index) => escapeMarkdown(format(columns[index]?.kind ?? "text", cell))))),
  ].join("\n");
}

function escapeMarkdown(text: string): string {
  return text.replace(MARKS, "\\$&");
}
