/** Bars, small charts and charts with axes, drawn with block characters. Pure. */

const EIGHTHS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** What stands where a value is not known. */
const UNKNOWN = "·";

/** A bar of a share from 0 to 1. */
export function meter(share: number | null, width: number): string {
  if (share === null) return UNKNOWN.repeat(width);
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

/** The newest values that fit, each a block between the lowest (0) and the greatest. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-width);
  const greatest = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown
    .map((value) => {
      if (value === null) return UNKNOWN;
      if (greatest === 0) return EIGHTHS[0];
      return EIGHTHS[Math.min(7, Math.round((value / greatest) * 7))];
    })
    .join("");
}

/** A chart of columns, as lines: the axis of values on the left, the labels below. */
export interface ChartOptions {
  readonly values: readonly (number | null)[];
  /** One for each value. */
  readonly labels: readonly string[];
  readonly width: number;
  /** Lines at most, the axis and the labels included; at least 3. */
  readonly height: number;
  readonly format: (value: number) => string;
}

const MAX_BAR_WIDTH = 6;

/** A chart that was drawn. */
export interface DrawnChart {
  readonly lines: readonly string[];
  /** How many of the values there was room for. */
  readonly shown: number;
}

/** Draws. When there are more values than columns, the newest are drawn. */
export function chart({ values, labels, width, height, format }: ChartOptions): DrawnChart {
  // So that half of the top is the edge of a row.
  const rows = Math.max(1, height - 2 > 2 ? height - 2 - (height % 2) : height - 2);
  const top = niceTop(Math.max(0, ...values.map((value) => value ?? 0)));
  const marks = new Map([[0, format(top)]]);
  if (rows >= 4) marks.set(rows / 2, format(top / 2));
  const axisWidth = Math.max(...[...marks.values()].map((mark) => mark.length));
  const room = Math.max(1, width - axisWidth - 2);
  const slot = Math.max(1, Math.min(MAX_BAR_WIDTH + 1, Math.floor(room / Math.max(1, values.length))));
  const shown = values.slice(-Math.floor(room / slot));
  const shownLabels = labels.slice(-shown.length);
  const bar = Math.max(1, slot - 1);
  const lines = Array.from({ length: rows }, (_, row) => {
    const axis = `${(marks.get(row) ?? "").padStart(axisWidth)} ┤`;
    return axis + shown.map((value) => cell(value, top, rows, row, bar).padEnd(slot)).join("");
  });
  const all = [
    ...lines,
    `${"0".padStart(axisWidth)} └${"─".repeat(slot * shown.length)}`,
    " ".repeat(axisWidth + 2) + labelLine(shownLabels, slot),
  ];
  return { lines: all.map((text) => text.trimEnd()), shown: shown.length };
}

/** What one row of the chart shows of a value: nothing, a part of the row in eighths, or all of it. */
function cell(value: number | null, top: number, rows: number, row: number, bar: number): string {
  const fromBottom = rows - 1 - row;
  if (value === null) return fromBottom === 0 ? UNKNOWN.repeat(bar) : "";
  if (value === 0 || top === 0) return "";
  const eighths = Math.max(1, Math.round((value / top) * rows * 8)) - fromBottom * 8;
  if (eighths <= 0) return "";
  return (EIGHTHS[Math.min(8, eighths) - 1] ?? "").repeat(bar);
}

/** As many labels as fit with a blank between them, evenly spaced; the last ones are the newest. */
function labelLine(labels: readonly string[], slot: number): string {
  const longest = Math.max(1, ...labels.map((label) => label.length));
  const every = Math.max(1, Math.ceil((longest + 1) / slot));
  const offset = (labels.length - 1) % every;
  return labels
    .map((label, i) => (i % every === offset ? label.padEnd(slot * every) : ""))
    .reduce((text, label, i) => (label === "" ? text : text.padEnd(i * slot) + label), "");
}

/** The least round number that is not smaller: its half is round, too. */
function niceTop(greatest: number): number {
  if (greatest <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(greatest));
  return (NICE.find((step) => step * power >= greatest) ?? 10) * power;
}

const NICE = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];
