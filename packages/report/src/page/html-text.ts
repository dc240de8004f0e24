/** Text inside HTML and SVG. */
import { toPlainText } from "../render/plain-text.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** One line of text without markup and control characters, for elements and quoted attributes. */
export function htmlText(text: string): string {
  return toPlainText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
