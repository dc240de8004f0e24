/**
 * Lines of the screen: pieces of text with a style each. Text becomes harmless and gets its width here and nowhere else,
 * so that no name can steer the terminal or break the layout.
 */
import { cutToWidth, type Palette, toPlainText, widthOf } from "@moai-metrics/report/screen";

/** A piece of a line. */
export interface Piece {
  readonly text: string;
  readonly style?: keyof Palette | undefined;
}

/** Pieces from left to right. */
export type Line = readonly Piece[];

/** A line of one piece. */
export function line(text: string, style?: keyof Palette): Line {
  return [{ text, style }];
}

/** Exactly so many columns: what is longer is cut and ends in …, what is shorter is filled with blanks. */
export function fill(pieces: Line, columns: number): Line {
  const cut = cutLine(pieces, columns);
  const missing = columns - widthOfLine(cut);
  return missing > 0 ? [...cut, { text: " ".repeat(missing) }] : cut;
}

/** At most so many columns. */
export function cutLine(pieces: Line, columns: number): Line {
  const kept: Piece[] = [];
  let used = 0;
  for (const { text, style } of pieces) {
    const plain = toPlainText(text);
    const width = widthOf(plain);
    if (used + width <= columns) {
      kept.push({ text: plain, style });
      used += width;
      continue;
    }
    kept.push({ text: cutToWidth(plain, columns - used), style });
    break;
  }
  return kept;
}

/** Pieces on the left and on the right; where there is no room for both, the right ones are left out. */
export function spread(left: Line, right: Line, columns: number): Line {
  const room = columns - widthOfLine(left) - widthOfLine(right);
  return room < 1 ? left : [...left, { text: " ".repeat(room) }, ...right];
}

/** The columns that a line takes. */
function widthOfLine(pieces: Line): number {
  return pieces.reduce((sum, { text }) => sum + widthOf(toPlainText(text)), 0);
}

/** The text of a line for the terminal. */
export function paint(pieces: Line, columns: number, palette: Palette): string {
  return cutLine(pieces, columns)
    .map(({ text, style }) => (style === undefined ? text : palette[style](text)))
    .join("")
    .trimEnd();
}

/** Pieces with a separator between them. */
export function join(lines: readonly Line[], separator: string): Line {
  return lines.flatMap((each, i) => (i === 0 ? each : [{ text: separator, style: "faint" as const }, ...each]));
}
