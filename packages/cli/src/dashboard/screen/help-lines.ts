/** Every key, and what marks mean. Pure. */
import type { Line } from "./lines.ts";

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["Tab, ← →", "next or previous section; it gets the room that the others do not need"],
  ["↑ ↓, j k", "row; Page Up, Page Down, Home, End"],
  ["Enter", "open the agent, session or task; of another group, filter by it"],
  ["Esc", "back; without anything open, clear the filter"],
  ["/", "filter: words narrow the rows, project: product: agent: model: everything"],
  ["p", "period: today, 7, 30 or 90 days"],
  ["g", "Agents by agent, model, project or product; Trends by hour, day or week"],
  ["s", "order of Agents; first chart of Trends"],
  ["e", "write what is shown into a text file and its figures into a JSON file"],
  ["q, Ctrl-C", "quit"],
  ["!  !!", "yellow, red: dashboard.* in the configuration says from where on"],
  ["▲ ▼", "against the same stretch before; better and worse where that can be said"],
  ["·", "not known"],
];

/** As many lines as there is room for. */
export function helpLines(rows: number): Line[] {
  return [
    [{ text: "Keys", style: "title" as const }],
    [],
    ...KEYS.map(([keys, does]): Line => [{ text: `  ${keys.padEnd(12)}`, style: "strong" }, { text: does }]),
    [],
    [{ text: "  Any key goes back.", style: "faint" as const }],
  ].slice(0, rows);
}
