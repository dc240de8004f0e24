/** Two texts beside each other, as `diff -u` shows them. Pure. */
import { diff } from "node:util";

const CONTEXT_LINES = 3;

/** A value that nobody else shall read, behind a name that says so. */
const SECRET =
  /((?:key|token|secret|password|authorization|credential|cookie|headers)[\w.-]*["']?\s*[:=]\s*)(["'])(?:\\.|(?!\2).)+\2/gi;

/**
 * Lines of the difference, without the names of the files; nothing when the texts are equal. Values of keys, tokens and
 * the like are shown as `…`.
 */
export function lineDiff(before: string, after: string): string[] {
  const marked = diff(linesOf(before), linesOf(after)).map(([operation, line]) => ({
    // Of Node's signs: what is only in the first text has 1.
    mark: operation === 0 ? " " : operation > 0 ? "-" : "+",
    line: hideSecrets(line),
  }));
  const shown = new Set(
    marked.flatMap(({ mark }, at) =>
      mark === " " ? [] : Array.from({ length: 2 * CONTEXT_LINES + 1 }, (_, i) => at - CONTEXT_LINES + i),
    ),
  );
  const lines: string[] = [];
  let [lineBefore, lineAfter] = [1, 1];
  for (const [at, { mark, line }] of marked.entries()) {
    if (shown.has(at)) {
      if (at === 0 || !shown.has(at - 1)) lines.push(`@@ -${lineBefore} +${lineAfter} @@`);
      lines.push(`${mark}${line}`);
    }
    if (mark !== "+") lineBefore++;
    if (mark !== "-") lineAfter++;
  }
  return lines;
}

/** A line with the values of secrets left out. */
function hideSecrets(line: string): string {
  return line.replace(SECRET, "$1$2…$2");
}

/** The line end counts as the last line's own. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}
