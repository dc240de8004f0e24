/** Joins small pieces of text to larger ones, so that a write is worth its cost. */
import type { ExportText } from "./types.ts";

const PIECE_CHARACTERS = 65_536;

/** The same text in fewer pieces. */
export function* joinText(pieces: ExportText): Generator<string> {
  let piece = "";
  for (const next of pieces) {
    piece += next;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
