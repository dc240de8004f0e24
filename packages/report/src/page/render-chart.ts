/** Charts as inline SVG: no script, no font of its own, readable without colour, told in words to screen readers. */
import type { CellFormat } from "../render/cell-format.ts";
import { cutToWidth } from "../render/width.ts";
import { htmlText } from "./html-text.ts";
import type { ChartPoint, PageChart } from "./types.ts";

const WIDTH = 640;
const BAR_STEP = 30;
const BAR_HEIGHT = 18;
const NAME_SPACE = 190;
const VALUE_SPACE = 90;
const NAME_COLUMNS = 26;
const COLUMNS_HEIGHT = 200;
const AXIS_SPACE = 72;
const LABEL_SPACE = 24;
const TOP_SPACE = 12;
const GRID_LINES = 4;
const MAX_LABELS = 8;

/** Draws a chart. A chart without any value is a sentence. */
export function renderChart(chart: PageChart, format: CellFormat): string {
  const values = chart.points.flatMap(({ value }) => value ?? []);
  const most = Math.max(0, ...values);
  if (most === 0) return `<p class="empty">${htmlText(chart.title)}: nothing recorded.</p>`;
  const body = chart.form === "bars" ? bars(chart, most, format) : columns(chart, most, format);
  const height = chart.form === "bars" ? chart.points.length * BAR_STEP + 8 : COLUMNS_HEIGHT;
  const told = `${chart.title}. ${chart.points.map(({ label, value }) => `${label}: ${format(chart.kind, value)}`).join("; ")}`;
  return (
    `<figure><figcaption>${htmlText(chart.title)}</figcaption>` +
    `<svg role="img" viewBox="0 0 ${WIDTH} ${height}" aria-label="${htmlText(told)}">${body}</svg></figure>`
  );
}

function bars({ points, kind }: PageChart, most: number, format: CellFormat): string {
  const room = WIDTH - NAME_SPACE - VALUE_SPACE;
  return points
    .map(({ label, value }, index) => {
      const top = index * BAR_STEP + 6;
      const width = Math.max(value === null || value === 0 ? 0 : 2, ((value ?? 0) / most) * room);
      const middle = top + BAR_HEIGHT / 2 + 5;
      return (
        `<g><title>${htmlText(label)}: ${htmlText(format(kind, value))}</title>` +
        `<text x="${NAME_SPACE - 10}" y="${middle}" text-anchor="end">${htmlText(cutToWidth(label, NAME_COLUMNS))}</text>` +
        `<rect class="mark" x="${NAME_SPACE}" y="${top}" width="${round(width)}" height="${BAR_HEIGHT}" rx="2"/>` +
        `<text class="value" x="${round(NAME_SPACE + width + 8)}" y="${middle}">${htmlText(format(kind, value))}</text></g>`
      );
    })
    .join("");
}

function columns({ points, kind }: PageChart, most: number, format: CellFormat): string {
  const top = niceTop(most, kind);
  const plotHeight = COLUMNS_HEIGHT - LABEL_SPACE - TOP_SPACE;
  const bottom = TOP_SPACE + plotHeight;
  const step = (WIDTH - AXIS_SPACE) / points.length;
  const y = (value: number): number => bottom - (value / top) * plotHeight;
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, i) => (top / GRID_LINES) * i).map(
    (value) =>
      `<line class="grid" x1="${AXIS_SPACE}" x2="${WIDTH}" y1="${round(y(value))}" y2="${round(y(value))}"/>` +
      `<text x="${AXIS_SPACE - 8}" y="${round(y(value) + 4)}" text-anchor="end">${htmlText(format(kind, value))}</text>`,
  );
  const every = Math.ceil(points.length / MAX_LABELS);
  const marks = points.map(({ label, value }: ChartPoint, index) => {
    const x = AXIS_SPACE + index * step;
    const height = value === null ? 0 : Math.max(value === 0 ? 0 : 1, bottom - y(value));
    const name =
      index % every === 0
        ? `<text x="${round(x + step / 2)}" y="${COLUMNS_HEIGHT - 6}" text-anchor="middle">${htmlText(label)}</text>`
        : "";
    return (
      `<g><title>${htmlText(label)}: ${htmlText(format(kind, value))}</title>` +
      `<rect class="mark" x="${round(x + step * 0.12)}" y="${round(bottom - height)}" ` +
      `width="${round(step * 0.76)}" height="${round(height)}" rx="1"/>${name}</g>`
    );
  });
  return [...grid, ...marks].join("");
}

/** The least round number that is not less: 1, 2, 4, 5 or 8 times a power of ten, so that a quarter of it is round. */
function niceTop(most: number, kind: PageChart["kind"]): number {
  if (kind === "percent") return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return (NICE_STEPS.find((step) => step * power >= most) ?? 10) * power;
}

const NICE_STEPS = [1, 2, 4, 5, 8, 10];

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
