/** Pages as one HTML file: no request, no script, light and dark, small screens and paper. */
import { type CellFormat, createCellFormat } from "../render/cell-format.ts";
import { changeText } from "./change-text.ts";
import { htmlText } from "./html-text.ts";
import { renderChart } from "./render-chart.ts";
import { STYLE } from "./style.ts";
import type { Page, PageFigure, PageSection, PageTable } from "./types.ts";

/** The browser loads nothing and runs nothing, whatever a name might try. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Renders a page. */
export function renderHtml(page: Page): string {
  const format = createCellFormat(page.timeZone);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${htmlText(page.title)}</title><style>${STYLE}</style></head><body><main>`,
    ...(page.label === undefined ? [] : [`<p class="label">${htmlText(page.label)}</p>`]),
    `<header><h1>${htmlText(page.title)}</h1><p>${htmlText(page.subtitle)}</p></header>`,
    figureList(page.figures, format),
    ...page.sections.map((section) => sectionHtml(section, format)),
    `<footer>${page.notes.map((note) => `<p>${htmlText(note)}</p>`).join("")}</footer>`,
    "</main></body></html>",
    "",
  ].join("\n");
}

function figureList(figures: readonly PageFigure[], format: CellFormat): string {
  if (figures.length === 0) return "";
  const items = figures.map(
    ({ title, kind, value, text, change }) =>
      `<div><dt>${htmlText(title)}</dt><dd>${htmlText(text ?? format(kind, value))}${changeHtml(change)}</dd></div>`,
  );
  return `<dl class="figures">${items.join("")}</dl>`;
}

function changeHtml(change: PageFigure["change"]): string {
  if (change === undefined) return "";
  const text = changeText(change);
  // What is too little to be told is neither good nor bad.
  const isNothing = text.startsWith("=");
  const tone = change.isGood === undefined || isNothing ? "" : change.isGood ? " good" : " bad";
  return `<small class="change${tone}">${htmlText(text)}</small>`;
}

function sectionHtml({ question, chart, table }: PageSection, format: CellFormat): string {
  return (
    `<section><h2>${htmlText(question)}</h2>` +
    (chart === undefined ? "" : renderChart(chart, format)) +
    (table === undefined ? "" : tableHtml(table, format)) +
    "</section>"
  );
}

function tableHtml({ columns, rows }: PageTable, format: CellFormat): string {
  if (rows.length === 0) return '<p class="empty">Nothing recorded.</p>';
  const kindOf = (index: number) => columns[index]?.kind ?? "text";
  const alignOf = (index: number): string => (["text", "time"].includes(kindOf(index)) ? "" : ' class="number"');
  const head = columns.map(({ title }, index) => `<th scope="col"${alignOf(index)}>${htmlText(title ?? "")}</th>`);
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, index) => `<td${alignOf(index)}>${htmlText(format(kindOf(index), cell))}</td>`).join("")}</tr>`,
  );
  return (
    `<div class="scroll" tabindex="0"><table><thead><tr>${head.join("")}</tr></thead>` +
    `<tbody>${body.join("\n")}</tbody></table></div>`
  );
}
