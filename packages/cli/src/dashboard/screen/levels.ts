/** How levels look: a mark and a colour, so that nothing is told by its colour alone. */
import type { Level, Palette } from "@moai-metrics/report";
import type { Piece } from "./lines.ts";

const STYLES: Readonly<Record<Level, keyof Palette>> = { ok: "good", warning: "warning", critical: "bad" };
const MARKS: Readonly<Record<Level, string>> = { ok: "", warning: "!", critical: "!!" };

/** The colour of a level; none where nothing is judged. */
export function styleOf(level: Level | null): keyof Palette | undefined {
  return level === null ? undefined : STYLES[level];
}

/** Text in the colour of a level, with its mark behind it. */
export function levelPiece(text: string, level: Level | null): Piece {
  const mark = level === null ? "" : MARKS[level];
  return { text: mark === "" ? text : `${text} ${mark}`, style: styleOf(level) };
}

/** The mark of a level in two columns. */
export function markOf(level: Level | null): string {
  return (level === null ? "" : MARKS[level]).padEnd(2);
}
