/** How many lines an edit added and removed. */

/** Lines added and removed. */
export interface LineChange {
  readonly added: number;
  readonly removed: number;
}

/** Beyond this many differing lines an edit counts as a full replacement of what differs. */
const MAX_EDIT_LENGTH = 1000;

/**
 * Counts the lines that differ between the two sides of an edit, as a unified diff of the edited file shows them.
 * A piece of a line counts as its line: replacing a word is one line removed and one added.
 */
export function countChangedLines(oldText: string, newText: string): LineChange {
  if (oldText === newText) return { added: 0, removed: 0 };
  const newLines = newText.split("\n");
  // An empty old side creates the file; there was no line to remove.
  if (oldText === "") return { added: newLines.length, removed: 0 };
  const oldLines = oldText.split("\n");
  let start = 0;
  const shorter = Math.min(oldLines.length, newLines.length);
  while (start < shorter && oldLines[start] === newLines[start]) start += 1;
  let tail = 0;
  while (tail < shorter - start && oldLines.at(-1 - tail) === newLines.at(-1 - tail)) tail += 1;
  const removed = oldLines.slice(start, oldLines.length - tail);
  const added = newLines.slice(start, newLines.length - tail);
  if (removed.length <= 1 && added.length <= 1) return { added: added.length, removed: removed.length };
  return countDifference(removed, added);
}

/**
 * The shortest edit that turns one list of lines into the other: the greedy algorithm of E. W. Myers, "An O(ND)
 * Difference Algorithm and Its Variations" (1986). Only its length is needed: the lists' lengths tell how it is split.
 */
function countDifference(oldLines: readonly string[], newLines: readonly string[]): LineChange {
  const surplus = newLines.length - oldLines.length;
  const most = Math.min(oldLines.length + newLines.length, MAX_EDIT_LENGTH);
  /** Of each diagonal (old index minus new index): how many old lines the furthest path on it has passed. */
  const furthest = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let edits = 0; edits <= most; edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const afterAdding = furthest[middle + diagonal + 1] ?? 0;
      const afterRemoving = (furthest[middle + diagonal - 1] ?? 0) + 1;
      const hasAdded = diagonal === -edits || (diagonal !== edits && afterRemoving <= afterAdding);
      let oldIndex = hasAdded ? afterAdding : afterRemoving;
      let newIndex = oldIndex - diagonal;
      while (oldIndex < oldLines.length && newIndex < newLines.length && oldLines[oldIndex] === newLines[newIndex]) {
        oldIndex += 1;
        newIndex += 1;
      }
      if (oldIndex >= oldLines.length && newIndex >= newLines.length) {
        return { added: (edits + surplus) / 2, removed: (edits - surplus) / 2 };
      }
      furthest[middle + diagonal] = oldIndex;
    }
  }
  return { added: newLines.length, removed: oldLines.length };
}
