/** Finds the name that was meant. */

/** Names further away than this are another word, not a misspelling. */
const MAX_DISTANCE_SHARE = 0.5;

/** The known name nearest to a misspelt one, by the number of letters to change; undefined when none is near. */
export function nearestName(misspelt: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const distance = editDistance(misspelt.toLowerCase().replaceAll("-", "_"), name.toLowerCase());
    if (distance < least) [nearest, least] = [name, distance];
  }
  return least <= Math.max(misspelt.length, 1) * MAX_DISTANCE_SHARE ? nearest : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
