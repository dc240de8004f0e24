/** Small changes to a text, and how to take them back. Pure. */

/** At `offset`, `removed` makes way for `inserted`. */
export interface TextEdit {
  readonly offset: number;
  readonly removed: string;
  readonly inserted: string;
}

/** Makes edits one after the other: each counts in the text that the one before left. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits.reduce((current, { offset, removed, inserted }) => {
    if (!current.startsWith(removed, offset)) throw new RangeError("The edit is for another text.");
    return current.slice(0, offset) + inserted + current.slice(offset + removed.length);
  }, text);
}

/** The edits that lead back. */
export function invertEdits(edits: readonly TextEdit[]): TextEdit[] {
  return edits.map(({ offset, removed, inserted }) => ({ offset, removed: inserted, inserted: removed })).toReversed();
}

/** A text that is changed step by step. */
export interface EditedText {
  readonly text: string;
  readonly edits: readonly TextEdit[];
}

/** Puts `inserted` in the place of the characters from `start` to `end`. */
export function replaceRange({ text, edits }: EditedText, start: number, end: number, inserted: string): EditedText {
  const edit = { offset: start, removed: text.slice(start, end), inserted };
  return { text: applyEdits(text, [edit]), edits: [...edits, edit] };
}

/** Removes the characters from `start` to `end`, and the whole line when nothing but blanks is left of it. */
export function removeRange(current: EditedText, start: number, end: number): EditedText {
  const { text } = current;
  const lineStart = startOfLine(text, start);
  const rest = /^[ \t]*(\r?\n|$)/.exec(text.slice(end));
  const isWholeLine = rest !== null && /^[ \t]*$/.test(text.slice(lineStart, start));
  return isWholeLine
    ? replaceRange(current, lineStart, end + rest[0].length, "")
    : replaceRange(current, start, end + (/^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0), "");
}

/** Where the line begins that an offset lies in. */
function startOfLine(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The blanks that a line begins with. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(startOfLine(text, offset), offset))?.[0] ?? "";
}

/** How a text ends its lines. */
export function lineEndOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}
