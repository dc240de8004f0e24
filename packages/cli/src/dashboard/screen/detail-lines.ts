/** An agent, a session or a task in full: what is known of it, and its timeline. Pure. */
import {
  type DashboardDetail,
  type DetailField,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  NO_VALUE,
  type TimelineEntry,
} from "@moai-metrics/report/screen";
import type { DetailState } from "../state.ts";
import { type Line, line } from "./lines.ts";
import { clockText } from "./names.ts";
import { tableLines } from "./table.ts";

const TITLE_WIDTH = 17;
const LEAST_TIMELINE_ROWS = 5;

/** Fields in one or two columns, then the timeline from its scrolled place on. */
export function detailLines({ content, offset }: DetailState, timeZone: string, width: number, rows: number): Line[] {
  if (content === undefined) return [line("Reading …", "faint")];
  if (!content.isKnown) return [line("Nothing of this name is stored in this period. Esc goes back.", "faint")];
  const known = content.fields.filter(({ value }) => value !== null && value !== "");
  const fields = fieldLines(known, timeZone, width).slice(0, Math.max(1, rows - LEAST_TIMELINE_ROWS));
  const room = rows - fields.length - 2;
  return [...fields, line(""), ...timelineLines(content, offset, timeZone, width, room)];
}

/** Beside each other where two of them fit. */
function fieldLines(fields: readonly DetailField[], timeZone: string, width: number): Line[] {
  const lines: Line[] = [];
  const half = Math.floor(width / 2);
  let left: { text: string; title: string } | undefined;
  for (const field of fields) {
    const cell = { title: field.title.padEnd(TITLE_WIDTH), text: fieldText(field, timeZone) };
    const isShort = TITLE_WIDTH + cell.text.length < half;
    if (left !== undefined && isShort) {
      lines.push([
        { text: left.title, style: "faint" },
        { text: left.text.padEnd(half - TITLE_WIDTH) },
        { text: cell.title, style: "faint" },
        { text: cell.text },
      ]);
      left = undefined;
      continue;
    }
    if (left !== undefined) lines.push([{ text: left.title, style: "faint" }, { text: left.text }]);
    left = isShort ? cell : undefined;
    if (!isShort) lines.push([{ text: cell.title, style: "faint" }, { text: cell.text }]);
  }
  if (left !== undefined) lines.push([{ text: left.title, style: "faint" }, { text: left.text }]);
  return lines;
}

function fieldText({ kind, value }: DetailField, timeZone: string): string {
  if (value === null) return NO_VALUE;
  if (typeof value === "string") return kind === "time" ? momentText(value, timeZone) : value;
  switch (kind) {
    case "cost":
      return formatCost(value);
    case "duration":
      return formatDuration(value);
    case "percent":
      return formatPercent(value);
    default:
      return formatCount(value);
  }
}

function momentText(time: string, timeZone: string): string {
  return `${clockText(time, timeZone)} on ${time.slice(0, 10)}`;
}

function timelineLines(
  { timeline, isCutOff, subject }: DashboardDetail,
  offset: number,
  timeZone: string,
  width: number,
  rows: number,
): Line[] {
  if (timeline.length === 0) return [line("No calls, tools or tasks.", "faint")];
  const shown = timeline.slice(offset, offset + rows - 1);
  const opens = subject.kind !== "task";
  const last = offset + shown.length;
  const note = `${offset + 1} to ${last} of ${timeline.length}${isCutOff ? " newest" : ""}${opens ? ", Enter opens the first" : ""}`;
  return [
    ...tableLines(
      COLUMNS,
      shown.map((entry, i) => cells(entry, timeZone, i === 0 && opens)),
      width,
    ),
    line(`  ${note}`, "faint"),
  ];
}

const COLUMNS = [
  { title: "  Time" },
  { title: "What", minWidth: 10 },
  { title: "Agent", minWidth: 8, dropRank: 2 },
  { title: "Took", align: "right" },
  { title: "Tokens", align: "right" },
  { title: "Cost", align: "right", dropRank: 3 },
  { title: "Result", minWidth: 7, dropRank: 1 },
] as const;

function cells(entry: TimelineEntry, timeZone: string, isFirst: boolean): Line {
  const { kind, at, name, agent, durationMs, totalTokens, totalCost, result, errorType } = entry;
  const isBad = result === "failure" || result === "timeout";
  return [
    { text: `${isFirst ? "▸ " : "  "}${clockText(at, timeZone)}`, style: isFirst ? "strong" : undefined },
    { text: `${kind} ${name}`, style: kind === "tool" ? "accent" : undefined },
    { text: agent, style: "faint" },
    { text: durationMs === null ? NO_VALUE : formatDuration(durationMs) },
    { text: totalTokens === null ? "" : formatCount(totalTokens) },
    { text: totalCost === null ? "" : formatCost(totalCost) },
    { text: [result ?? "", errorType ?? ""].filter((part) => part !== "").join(": "), style: isBad ? "bad" : "faint" },
  ];
}
