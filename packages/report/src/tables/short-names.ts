/** Short names for screens. */

const SEPARATOR = /[/\\]/;

/**
 * Short names of folders: the last part of each path, and as many parts before it as tell it from the others.
 */
export function shortPaths(paths: readonly string[]): Map<string, string> {
  const short = new Map<string, string>();
  const distinct = [...new Set(paths)];
  for (const path of distinct) {
    const parts = path.split(SEPARATOR).filter((part) => part !== "");
    let length = 1;
    while (length < parts.length && distinct.some((other) => other !== path && endsAlike(other, parts, length))) {
      length++;
    }
    short.set(path, parts.slice(-length).join("/") || path);
  }
  return short;
}

function endsAlike(path: string, parts: readonly string[], length: number): boolean {
  const others = path.split(SEPARATOR).filter((part) => part !== "");
  return others.slice(-length).join("/") === parts.slice(-length).join("/");
}
