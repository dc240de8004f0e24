/** The part of a list that fits, around the chosen row. Pure. */

/** Some rows of a list. */
export interface ListWindow<Row> {
  readonly shown: readonly Row[];
  /** Place of the first one in the list. */
  readonly first: number;
}

/** As many rows as fit; the chosen one is among them, in the middle where it can be. */
export function listWindow<Row>(rows: readonly Row[], selected: number, room: number): ListWindow<Row> {
  const size = Math.max(0, room);
  const first = Math.max(0, Math.min(selected - Math.floor(size / 2), rows.length - size));
  return { shown: rows.slice(first, first + size), first };
}

/** What stands in front of a row. */
export function selectionMark(isFocused: boolean, place: number, selected: number): string {
  return isFocused && place === selected ? "▸ " : "  ";
}
