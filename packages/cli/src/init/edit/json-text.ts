/**
 * Changes values in the text of a JSON file, with or without comments, and leaves every other character as it is:
 * comments, blanks, line ends, order. Pure.
 */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type EditedText, indentAt, lineEndOf, removeRange, replaceRange } from "./text-edits.ts";

/** Where a value lies: keys of objects, and indexes of arrays. */
export type JsonPath = readonly (string | number)[];

/** What is wrong with a text: the line, and why; undefined for JSON whose root is an object. */
export function jsonProblem(text: string): string | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined)
    return `line ${text.slice(0, first.offset).split("\n").length}: ${printParseErrorCode(first.error)}`;
  if (root?.type !== "object") return "it holds no object";
  const twice =
    keyThatIsTwice(root) ??
    root.children
      ?.map(({ children = [] }) => children[1])
      .map(keyThatIsTwice)
      .find(Boolean);
  return twice === undefined ? undefined : `"${twice}" stands there twice`;
}

/** Agents take the last one of two, which is not where we would look. */
function keyThatIsTwice(node: Node | undefined): string | undefined {
  if (node?.type !== "object") return undefined;
  const keys = (node.children ?? []).map(({ children = [] }) => String(children[0]?.value));
  return keys.find((key, at) => keys.indexOf(key) !== at);
}

/** Sets a value; objects on the way are made. @throws TypeError when something on the way is no object. */
export function setJson(current: EditedText, path: JsonPath, value: unknown): EditedText {
  const known = nodeAt(current.text, path);
  if (known !== undefined) {
    const indent = indentAt(current.text, known.offset);
    return replaceRange(current, known.offset, known.offset + known.length, render(current.text, value, indent));
  }
  const { container, missing } = nearest(current.text, path);
  if (container.type !== "object")
    throw new TypeError(`${path.join(".")} cannot be set: something above it is no object.`);
  const [key = "", ...inner] = missing;
  const nested = inner.reduceRight<unknown>((innerValue, name) => ({ [name]: innerValue }), value);
  return insertChild(current, container, (indent) => `${JSON.stringify(key)}: ${render(current.text, nested, indent)}`);
}

/** Adds an item at the end of an array, which is made. @throws TypeError as {@link setJson}. */
export function appendJson(current: EditedText, path: JsonPath, item: unknown): EditedText {
  const array = nodeAt(current.text, path);
  if (array === undefined) return setJson(current, path, [item]);
  if (array.type !== "array") throw new TypeError(`${path.join(".")} cannot be added to: it is no list.`);
  return insertChild(current, array, (indent) => render(current.text, item, indent));
}

/** Removes a value with its key, its comma, and its line when nothing else is there. */
export function removeJson(current: EditedText, path: JsonPath): EditedText {
  const { text } = current;
  const value = nodeAt(text, path);
  const child = value?.parent?.type === "property" ? value.parent : value;
  const siblings = child?.parent?.children;
  if (child === undefined || siblings === undefined) return current;
  const end = child.offset + child.length;
  const comma = commaBehind(text, end);
  if (comma !== undefined) return removeRange(current, child.offset, comma + 1);
  const previous = siblings[siblings.indexOf(child) - 1];
  const before = previous === undefined ? undefined : commaBehind(text, previous.offset + previous.length);
  if (before !== undefined && /^[ \t]*$/.test(text.slice(before + 1, child.offset))) {
    return replaceRange(current, before, end, "");
  }
  const removed = removeRange(current, child.offset, end);
  return before === undefined ? removed : replaceRange(removed, before, before + 1, "");
}

/** The value at a path, of what the text says. */
export function jsonAt(text: string, path: JsonPath): unknown {
  const node = nodeAt(text, path);
  return node === undefined ? undefined : contentOf(node);
}

function contentOf({ type, value, children = [] }: Node): unknown {
  if (type === "array") return children.map(contentOf);
  if (type !== "object") return value;
  return Object.fromEntries(
    children.map(({ children: [key, inner] = [] }) => [
      String(key?.value),
      inner === undefined ? undefined : contentOf(inner),
    ]),
  );
}

function nodeAt(text: string, path: JsonPath): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root === undefined ? undefined : findNodeAtLocation(root, [...path]);
}

/** The deepest node of a path that is there, and the keys that are missing below it. */
function nearest(text: string, path: JsonPath): { readonly container: Node; readonly missing: string[] } {
  for (let length = path.length - 1; length >= 0; length--) {
    const container = nodeAt(text, path.slice(0, length));
    if (container !== undefined) return { container, missing: path.slice(length).map(String) };
  }
  throw new TypeError("The text holds no JSON.");
}

/** How a child is written: behind an indentation, or on one line where there is none. */
type Write = (indent: string | undefined) => string;

/** Behind the last child, in the way in which the children are written: on lines of their own, or all on one. */
function insertChild(current: EditedText, container: Node, write: Write): EditedText {
  const { text } = current;
  const lineEnd = lineEndOf(text);
  const outerIndent = indentAt(text, container.offset);
  const last = container.children?.at(-1);
  if (last === undefined) {
    const begin = container.offset + 1;
    if (isOneLine(text)) return replaceRange(current, begin, begin, write(undefined));
    const indent = outerIndent + unitOf(text);
    const at = endOfLineBehind(text, begin);
    const isOpen = text.slice(at, container.offset + container.length).includes("\n");
    return replaceRange(current, at, at, `${lineEnd}${indent}${write(indent)}${isOpen ? "" : lineEnd + outerIndent}`);
  }
  const end = last.offset + last.length;
  const comma = commaBehind(text, end);
  const isSpread = text.slice(container.offset, container.offset + container.length).includes("\n");
  if (!isSpread) {
    const at = comma === undefined ? end : comma + 1;
    return replaceRange(
      current,
      at,
      at,
      `${comma === undefined ? "," : ""} ${write(undefined)}${comma === undefined ? "" : ","}`,
    );
  }
  const indent = indentAt(text, last.offset);
  const withComma = comma === undefined ? replaceRange(current, end, end, ",") : current;
  const at = endOfLineBehind(withComma.text, (comma ?? end) + 1);
  return replaceRange(withComma, at, at, `${lineEnd}${indent}${write(indent)}${comma === undefined ? "" : ","}`);
}

/** Where a line ends, comments included; `offset` itself when something of weight follows on it. */
function endOfLineBehind(text: string, offset: number): number {
  return behind(/(?:[ \t]|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:\/\/[^\r\n]*)?(?=\r?\n)/y, text, offset) ?? offset;
}

/** The comma that follows a value, behind blanks and comments. */
function commaBehind(text: string, offset: number): number | undefined {
  const end = behind(/(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*,/y, text, offset);
  return end === undefined ? undefined : end - 1;
}

/** Where what a sticky pattern matches at an offset ends. */
function behind(pattern: RegExp, text: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** A value as the file writes values: on lines of their own behind `indent`, or on one line. */
function render(text: string, value: unknown, indent: string | undefined): string {
  if (indent === undefined || isOneLine(text)) return JSON.stringify(value);
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", `${lineEndOf(text)}${indent}`);
}

function isOneLine(text: string): boolean {
  const content = text.trim();
  return content.length > 2 && !content.includes("\n");
}

/** By how much each level is indented. */
function unitOf(text: string): string {
  return /^[ \t]+(?=")/m.exec(text)?.[0] ?? "  ";
}
