/** How many lines an edit added and removed. */
import { createRequire } from "node:module";

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
  return diffLines(removed, added);
}

function diffLines(oldLines: string[], newLines: string[]): LineChange {
  const parts = loadDiff().diffArrays(oldLines, newLines, { maxEditLength: MAX_EDIT_LENGTH });
  if (parts === undefined) return { added: newLines.length, removed: oldLines.length };
  let added = 0;
  let removed = 0;
  for (const part of parts) {
    if (part.added) added += part.count;
    else if (part.removed) removed += part.count;
  }
  return { added, removed };
}

let diff: typeof import("diff") | undefined;

/** Loaded on the first edit that needs it: reading is synchronous, and most runs never get here. */
function loadDiff(): typeof import("diff") {
  diff ??= createRequire(import.meta.url)("diff") as typeof import("diff");
  return diff;
}
