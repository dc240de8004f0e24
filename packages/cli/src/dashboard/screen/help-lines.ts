/** Every key, and what marks mean. Pure. */
import type { Line } from "./lines.ts";

/** None is wider than the least screen. */
const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["Tab, ← →", "next or previous section; it gets spare rows"],
  ["↑ ↓, j k", "row; Page Up, Page Down, Home, End"],
  ["Enter", "open agent, session, task; else filter by it"],
  ["Esc", "back; with nothing open, clear the filter"],
  ["/", "rows by words; project: product: agent: model:"],
  ["p", "period: today, 7, 30 or 90 days"],
  ["g", "Agents: next grouping; Trends: next unit"],
  ["s", "Agents: next order; Trends: next chart"],
  ["e", "write screen (.txt) and figures (.json) here"],
  ["q, Ctrl-C", "quit"],
  ["!  !!", "yellow, red (dashboard.* in the settings)"],
  ["▲ ▼  + -", "against the stretch before; better, worse"],
  ["·  –", "not known"],
];

/** As many lines as there is room for; all of them on the least screen. */
export function helpLines(rows: number): Line[] {
  return [
    [
      { text: "  Keys and marks", style: "title" as const },
      { text: "  Any key goes back.", style: "faint" as const },
    ],
    [],
    ...KEYS.map(([keys, does]): Line => [{ text: `  ${keys.padEnd(12)}`, style: "strong" }, { text: does }]),
  ].slice(0, rows);
}
