/** Widths as terminals count them: East Asian wide characters and emoji take two columns, marks none. */
import { createRequire } from "node:module";

/** Characters that every terminal shows in one column: ASCII, Latin, and the dashes, arrows, rules and blocks that we draw. */
const NARROW = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2013-\u2026\u2190-\u2193\u2500-\u25c4]*$/;
const ELLIPSIS = "…";

let stringWidth: ((text: string) => number) | undefined;

/** Number of terminal columns that `text` takes; `text` must hold no escape sequences. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  stringWidth ??= loadStringWidth();
  return stringWidth(text);
}

/** Cuts `text` to at most `columns`, ending in … when something was left out. Never splits a grapheme. */
export function cutToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  let kept = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const width = widthOf(segment);
    if (used + width > columns - 1) break;
    kept += segment;
    used += width;
  }
  return kept.trimEnd() + ELLIPSIS;
}

/** Fills `text` with spaces to `columns`. */
export function pad(text: string, columns: number, align: "left" | "right"): string {
  const spaces = " ".repeat(Math.max(0, columns - widthOf(text)));
  return align === "left" ? text + spaces : spaces + text;
}

/** Breaks `text` at spaces into lines of at most `columns`; a longer word is cut. */
export function wrapToWidth(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (widthOf(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = cutToWidth(word, columns);
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** Loading it takes 40 ms, as much as starting Node; most screens never need it. */
function loadStringWidth(): (text: string) => number {
  const require = createRequire(import.meta.url);
  return require("string-width").default;
}
