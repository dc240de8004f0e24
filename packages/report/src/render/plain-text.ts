/**
 * Names come from transcripts and telemetry: other people's text. Nothing in them may steer the terminal, reorder a
 * line or be run by a spreadsheet.
 */

const CONTROL_CHARACTERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Characters that JSON leaves as they are and that a terminal would obey. */
const CONTROLS_THAT_JSON_KEEPS = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Also in full width, as East Asian keyboards write them: spreadsheets there take both. */
const FORMULA_START = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * One line of visible text: white space becomes a space, every other control character (C0, C1, DEL, the
 * bidirectional controls of Unicode UAX #9, lone surrogates) becomes U+FFFD.
 */
export function toPlainText(text: string): string {
  return text.toWellFormed().replace(CONTROL_CHARACTERS, (character) => (/\s/.test(character) ? " " : "\ufffd"));
}

/** Escapes in finished JSON text what a terminal would obey; the parsed value stays the same. */
export function escapeJsonControls(json: string): string {
  return json.replace(
    CONTROLS_THAT_JSON_KEEPS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Text for a spreadsheet: a leading character that starts a formula is preceded by an apostrophe (OWASP). */
export function toSpreadsheetText(text: string): string {
  const plain = toPlainText(text);
  return FORMULA_START.test(plain.trimStart()) ? `'${plain}` : plain;
}
