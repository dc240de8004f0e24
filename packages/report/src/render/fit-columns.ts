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

/**
 * Gives every column its natural width where there is room; else cuts text columns down to their least width; else
 * leaves columns out, highest rank first. Room left after that goes back to the cut columns, left to right.
 */
export function fitColumns(wishes: readonly ColumnWish[], available: number, gap: number): ColumnWidths {
  const isKept = wishes.map(() => true);
  const needed = (): number => {
    const kept = wishes.filter((_, index) => isKept[index]);
    return kept.reduce((sum, wish) => sum + wish.minWidth, 0) + gap * Math.max(0, kept.length - 1);
  };
  while (needed() > available) {
    const next = nextToDrop(wishes, isKept);
    if (next === undefined) break;
    isKept[next] = false;
  }
  let room = available - needed();
  return wishes.map((wish, index) => {
    if (!isKept[index]) return undefined;
    const extra = Math.max(0, Math.min(wish.naturalWidth - wish.minWidth, room));
    room -= extra;
    return wish.minWidth + extra;
  });
}

function nextToDrop(wishes: readonly ColumnWish[], isKept: readonly boolean[]): number | undefined {
  let next: number | undefined;
  for (const [index, wish] of wishes.entries()) {
    if (!isKept[index] || wish.dropRank === undefined) continue;
    if (next === undefined || wish.dropRank > (wishes[next]?.dropRank ?? 0)) next = index;
  }
  return next;
}
