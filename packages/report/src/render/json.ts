/** JSON documents of the row commands. */
import { escapeJsonControls } from "./plain-text.ts";

/** Renders a document as JSON with two-space indent and a final line feed, safe to print to a terminal. */
export function renderJson(document: unknown): string {
  return `${escapeJsonControls(JSON.stringify(document, undefined, 2))}\n`;
}
