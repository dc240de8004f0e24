/** Which columns a screen has room for, and how wide each is. Pure. */

/** What is known of a column before it gets its width. */
export interface ColumnWish {
  readonly naturalWidth: number;
  /** The least width that still reads; equal to the natural width where the content must not be cut. */
  readonly minWidth: number;
  readonly dropRank?: number | undefined;
}

/** The decision: a width per column, `undefined` for those that are left out. */
export type ColumnWidths = readonly (number | undefined)[];

/** Narrower than this a name says nothing any more. */
const NARROWEST = 6;

/**
 * Gives every column its natural width where there is room; else cuts text columns down to their least width; else
 * leaves columns out, highest rank first; else cuts the widest texts further. Room left after that goes back to the cut
 * columns, left to right.
 */
export function fitColumns(wishes: readonly ColumnWish[], available: number, gap: number): ColumnWidths {
  const isKept = wishes.map(() => true);
  const widths = wishes.map(({ minWidth }) => minWidth);
  const needed = (): number => {
    const kept = widths.filter((_, index) => isKept[index]);
    return kept.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, kept.length - 1);
  };
  while (needed() > available) {
    const next = nextToDrop(wishes, isKept);
    if (next === undefined) break;
    isKept[next] = false;
  }
  while (needed() > available) {
    const widest = widestText(wishes, widths, isKept);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  let room = available - needed();
  return wishes.map((wish, index) => {
    const width = widths[index];
    if (!isKept[index] || width === undefined) return undefined;
    const extra = Math.max(0, Math.min(wish.naturalWidth - width, room));
    room -= extra;
    return width + extra;
  });
}

/** The widest column that may be cut further: only texts have a least width below their natural one. */
function widestText(
  wishes: readonly ColumnWish[],
  widths: readonly number[],
  isKept: readonly boolean[],
): number | undefined {
  let widest: number | undefined;
  for (const [index, { minWidth, naturalWidth }] of wishes.entries()) {
    const width = widths[index] ?? 0;
    if (!isKept[index] || minWidth === naturalWidth || width <= NARROWEST) continue;
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = index;
  }
  return widest;
}

function nextToDrop(wishes: readonly ColumnWish[], isKept: readonly boolean[]): number | undefined {
  let next: number | undefined;
  for (const [index, wish] of wishes.entries()) {
    if (!isKept[index] || wish.dropRank === undefined) continue;
    if (next === undefined || wish.dropRank > (wishes[next]?.dropRank ?? 0)) next = index;
  }
  return next;
}
