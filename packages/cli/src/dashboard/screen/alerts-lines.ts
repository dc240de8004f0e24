/** Alerts: what is the matter, and what shows more. Pure. */
import { toPlainText, wrapToWidth } from "@moai-metrics/report/screen";
import { alertRows } from "../rows.ts";
import type { DashboardState } from "../state.ts";
import { markOf, styleOf } from "./levels.ts";
import { type Line, line } from "./lines.ts";

const MARK_WIDTH = 3;

/** From the chosen alert on, as many as fit; the first one of a focused section with what to do. */
export function alertsLines(state: DashboardState, width: number, rows: number, isFocused: boolean): Line[] {
  const all = alertRows(state);
  if (all.length === 0) return [line("None.", "good")];
  if (rows === 1 && all.length > 1) return [oneLine(all)];
  const first = isFocused ? state.selected.alerts : 0;
  const lines = all.slice(first).flatMap(({ level, message, next }, i): Line[] => {
    const style = styleOf(level);
    const text = rows <= 2 ? [toPlainText(message)] : wrapToWidth(toPlainText(message), width - MARK_WIDTH);
    return [
      ...text.map(
        (part, row): Line => [
          { text: row === 0 ? `${markOf(level)} ` : "   ", style },
          { text: part, style },
        ],
      ),
      ...(isFocused && i === 0 && rows > 2 ? [line(`   ${next}`, "faint")] : []),
    ];
  });
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, rows - 1), line(`   and more: ${all.length} in all`, "faint")];
}

/** The first alert, and how many there are besides. */
function oneLine([first, ...others]: ReturnType<typeof alertRows>): Line {
  const style = styleOf(first?.level ?? null);
  const text = `${markOf(first?.level ?? null)} and ${others.length} more: `;
  return [
    { text, style },
    { text: first?.message ?? "", style },
  ];
}
