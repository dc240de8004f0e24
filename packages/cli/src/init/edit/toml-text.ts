/**
 * Adds keys to a table of a TOML file, and takes them out; every other character stays as it is. There are few ways in
 * which a table can be written: each is tried, and the one is taken after which the file says what it shall. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { parse, TomlError } from "smol-toml";
import { type EditedText, lineEndOf, removeRange, replaceRange } from "./text-edits.ts";

type Content = Readonly<Record<string, unknown>>;

/** What is wrong with a text: the line, and why; undefined for TOML. */
export function tomlProblem(text: string): string | undefined {
  try {
    contentOf(text);
    return undefined;
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n");
    return error instanceof TomlError ? `line ${error.line}: ${reason}` : reason;
  }
}

/** Everything, a table, or the value of one of its keys. @throws for a text with a {@link tomlProblem}. */
export function tomlAt(text: string, table?: string, key?: string): unknown {
  const content = contentOf(text);
  if (table === undefined) return content;
  return key === undefined ? content[table] : tableIn(content, table)?.[key];
}

/**
 * Adds a key that the table does not have, in the way in which the table is written; makes the table at the end.
 * Undefined when the table is written in a way that is not known here.
 */
export function addToml(current: EditedText, table: string, key: string, value: unknown): EditedText | undefined {
  const { text } = current;
  const content = contentOf(text);
  const known = content[table];
  if (known !== undefined && tableIn(content, table) === undefined) return undefined;
  const wanted = { ...content, [table]: { ...tableIn(content, table), [key]: value } };
  const lineEnd = lineEndOf(text);
  const line = `${key} = ${renderToml(value)}`;
  const insert = (at: number, inserted: string): EditedText => replaceRange(current, at, at, inserted);
  const tries = [
    ...headersOf(text, table).map(({ end, indent }) => insert(end, `${lineEnd}${indent}${line}`)),
    ...linesThat(text, new RegExp(`^([ \\t]*${nameOf(table)}[ \\t]*\\.[ \\t]*).*`)).map(({ end, captured }) =>
      insert(end, `${lineEnd}${captured}${line}`),
    ),
    ...linesThat(text, new RegExp(`^([ \\t]*${nameOf(table)}[ \\t]*=[ \\t]*\\{[ \\t]*).*`)).map(
      ({ start, captured }) => {
        const at = start + captured.length;
        return insert(at, text[at] === "}" ? `${line} ` : `${line}, `);
      },
    ),
    insert(text.length, `${gapBehind(text)}[${table}]${lineEnd}${line}${lineEnd}`),
  ];
  return tries.find((tried) => says(tried.text, wanted));
}

/** Takes a key out of a table, with its line; undefined when that would touch other things, too. */
export function removeToml(current: EditedText, table: string, key: string): EditedText | undefined {
  const { text } = current;
  const content = contentOf(text);
  const { [key]: value, ...rest } = tableIn(content, table) ?? {};
  if (value === undefined) return current;
  const wanted = { ...content, [table]: rest };
  const line = `${key} = ${renderToml(value)}`;
  const tries = [
    ...linesThat(text, new RegExp(`^[ \\t]*(?:${nameOf(table)}[ \\t]*\\.[ \\t]*)?${key}[ \\t]*=.*`)).map(
      ({ start, end }) => removeRange(current, start, end),
    ),
    ...[`, ${line}`, `${line}, `, ` ${line} `, line].flatMap((written) => {
      const at = text.indexOf(written);
      return at < 0 ? [] : [replaceRange(current, at, at + written.length, "")];
    }),
  ];
  return tries.find((tried) => says(tried.text, wanted) || says(tried.text, without(wanted, table)));
}

/** Takes the header of a table away when nothing is below it, with the empty line before it. */
export function removeEmptyTomlTable(current: EditedText, table: string): EditedText {
  const { text } = current;
  const wanted = without(contentOf(text), table);
  const tries = headersOf(text, table)
    .filter(({ start, end }) => text.slice(start, end).trimEnd().endsWith("]"))
    .map(({ start, end }) => {
      const blank = /(?:^|\n)([ \t]*\r?\n)$/.exec(text.slice(0, start))?.[1] ?? "";
      return removeRange(current, start - blank.length, end);
    });
  return tries.find((tried) => says(tried.text, wanted)) ?? current;
}

interface Line {
  readonly start: number;
  /** Before the line end. */
  readonly end: number;
  /** What the pattern's group found. */
  readonly captured: string;
}

/** Lines that a pattern matches, the last one first: behind it there is most of the table. */
function linesThat(text: string, pattern: RegExp): Line[] {
  return [...text.matchAll(new RegExp(pattern.source, "gm"))]
    .map(({ index, 0: all, 1: captured = "" }) => ({
      start: index,
      end: index + all.replace(/\r$/, "").length,
      captured,
    }))
    .toReversed();
}

/** Headers of a table, with the indentation that its first line has. */
function headersOf(text: string, table: string): (Line & { readonly indent: string })[] {
  return linesThat(text, new RegExp(`^[ \\t]*\\[[ \\t]*${nameOf(table)}[ \\t]*\\].*`)).map((line) => ({
    ...line,
    indent: /^\r?\n([ \t]*)(?=[\w"'])/.exec(text.slice(line.end))?.[1] ?? "",
  }));
}

function nameOf(table: string): string {
  return `(?:${table}|"${table}"|'${table}')`;
}

function gapBehind(text: string): string {
  if (text === "") return "";
  return text.endsWith("\n") ? lineEndOf(text) : lineEndOf(text).repeat(2);
}

function says(text: string, wanted: Content): boolean {
  try {
    return isDeepStrictEqual(contentOf(text), wanted);
  } catch {
    return false;
  }
}

function without(content: Content, table: string): Content {
  const { [table]: _gone, ...others } = content;
  return others;
}

function tableIn(content: Content, table: string): Content | undefined {
  const inner = content[table];
  return typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Content) : undefined;
}

/** As plain objects, which compare with ours. */
function contentOf(text: string): Content {
  return toPlain(parse(text, { integersAsBigInt: "asNeeded" })) as Content;
}

function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]));
}

/** Texts, numbers, truth values, and objects of them, which become inline tables. */
function renderToml(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${key} = ${renderToml(inner)}`);
  return `{ ${pairs.join(", ")} }`;
}
