/** Several ranks in one integer: six bits each, so that eight fit into 48 bits and a row stays small. */

const RANKS_PER_FIELD = 64;

/** Packs ranks from 0 (field unknown) to 63; the first one ends up in the lowest bits. */
export function packRanks(ranks: readonly number[]): number {
  let packed = 0;
  for (let i = ranks.length - 1; i >= 0; i--) packed = packed * RANKS_PER_FIELD + (ranks[i] ?? 0);
  return packed;
}

/** Unpacks `count` ranks. */
export function unpackRanks(packed: number, count: number): number[] {
  const ranks: number[] = [];
  let rest = packed;
  for (let i = 0; i < count; i++) {
    ranks.push(rest % RANKS_PER_FIELD);
    rest = Math.floor(rest / RANKS_PER_FIELD);
  }
  return ranks;
}
