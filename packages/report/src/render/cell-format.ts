/** How values look to people: the same on a screen, in Markdown and in HTML. */
import {
  formatCost,
  formatCostChange,
  formatCount,
  formatDuration,
  formatPercent,
  formatScore,
  NO_VALUE,
} from "./numbers.ts";
import { toPlainText } from "./plain-text.ts";
import type { CellValue, Column } from "./table-model.ts";

/** Text of a value of some kind, made harmless for a terminal. */
export type CellFormat = (kind: Column<never>["kind"], value: CellValue) => string;

/** What a cost column shows when no call has a known price. */
export const UNPRICED = "unpriced";

/** Creates the format; times are told in the zone. */
export function createCellFormat(timeZone: string): CellFormat {
  let formatTime: ((time: string) => string) | undefined;
  return (kind, value) => {
    if (value === null) return kind === "cost" ? UNPRICED : NO_VALUE;
    if (kind === "time" && typeof value === "string") {
      // Made when needed: a zone's format takes some milliseconds to create.
      formatTime ??= createTimeFormat(timeZone);
      return formatTime(value);
    }
    if (typeof value === "string") return toPlainText(value);
    switch (kind) {
      case "cost":
        return formatCost(value);
      case "costChange":
        return formatCostChange(value);
      case "duration":
        return formatDuration(value);
      case "percent":
        return formatPercent(value);
      case "number":
        return formatScore(value, false);
      default:
        return formatCount(value);
    }
  };
}

/** Creates a function that shows an ISO 8601 time as `11-22 16:10` in a zone. */
export function createTimeFormat(timeZone: string): (time: string) => string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (time) => {
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(Date.parse(time))) part[type] = value;
    return `${part["month"]}-${part["day"]} ${part["hour"]}:${part["minute"]}`;
  };
}
