/**
 * The tags of an XML file, one after the other. Nothing is looked up: no DTD is fetched, no entity is replaced, and a file
 * that declares any of its own is refused. Text between tags is passed over.
 */
import { QualityReportError } from "./types.ts";

/** A tag that begins or ends an element; one that does both comes twice. */
export interface XmlTag {
  readonly name: string;
  readonly isEnd: boolean;
  /** What stands behind the name, as it is. */
  readonly attributes: string;
}

/** Longer tags mean nothing good. */
const MAX_TAG_LENGTH = 1 << 20;
const MAX_DEPTH = 64;

/** What is passed over, from its beginning to its end. */
const PASSED_OVER = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
] as const;
const LONGEST_BEGINNING = 9;

/** A tag up to its end; a `>` inside a quoted value does not end it. */
const TAG = /<(\/?)([A-Za-z_][\w:.-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>/y;

/**
 * Reads tags piece by piece and holds no more than one of them.
 * @throws QualityReportError for a file that is cut off, whose elements are not nested, or that declares entities.
 */
export function* readXmlTags(pieces: Iterable<string>): Generator<XmlTag> {
  const open: string[] = [];
  let hasRoot = false;
  for (const { name, isEnd, attributes, isEmpty } of rawTags(pieces)) {
    if (isEnd) {
      if (open.pop() !== name) throw new QualityReportError("is not XML: an element ends that did not begin");
      yield { name, isEnd, attributes };
      continue;
    }
    if (open.length === 0 && hasRoot) throw new QualityReportError("is not XML: it has two roots");
    if (open.length >= MAX_DEPTH) throw new QualityReportError(`nests elements deeper than ${MAX_DEPTH}`);
    hasRoot = true;
    open.push(name);
    yield { name, isEnd, attributes };
    if (!isEmpty) continue;
    open.pop();
    yield { name, isEnd: true, attributes: "" };
  }
  if (!hasRoot || open.length > 0) throw new QualityReportError("is cut off: its root does not end");
}

/** The values of the attributes that are asked for, as they stand in the file. */
export function attributeOf({ attributes }: XmlTag, name: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return match?.[1] ?? match?.[2];
}

interface RawTag extends XmlTag {
  readonly isEmpty: boolean;
}

function* rawTags(pieces: Iterable<string>): Generator<RawTag> {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    let from = 0;
    for (;;) {
      const start = text.indexOf("<", from);
      const found = start === -1 ? undefined : tagAt(text, start);
      // Where nothing whole is left, the next piece may complete it.
      if (start === -1 || found === undefined) {
        from = start === -1 ? text.length : start;
        break;
      }
      if (found.tag !== undefined) yield found.tag;
      from = found.end;
    }
    text = text.slice(from);
    if (text.length > MAX_TAG_LENGTH) throw new QualityReportError("is not XML: a tag has no end");
  }
  if (text !== "") throw new QualityReportError("is cut off inside a tag");
}

/** What begins at a `<`; undefined when it does not end in this text. */
function tagAt(text: string, start: number): { readonly tag?: RawTag; readonly end: number } | undefined {
  for (const [beginning, ending] of PASSED_OVER) {
    if (!text.startsWith(beginning, start)) continue;
    const end = text.indexOf(ending, start + beginning.length);
    return end === -1 ? undefined : { end: end + ending.length };
  }
  if (text.startsWith("<!", start)) return text.length - start < LONGEST_BEGINNING ? undefined : doctypeAt(text, start);
  TAG.lastIndex = start;
  const match = TAG.exec(text);
  if (match === null) {
    if (text.length - start < MAX_TAG_LENGTH) return undefined;
    throw new QualityReportError("is not XML: a tag has no end");
  }
  const [whole, slash, name = "", rest = ""] = match;
  const isEmpty = rest.endsWith("/");
  const attributes = isEmpty ? rest.slice(0, -1) : rest;
  return { tag: { name, isEnd: slash === "/", attributes, isEmpty }, end: start + whole.length };
}

/** The name of a document type is passed over; what it declares itself is not read. */
function doctypeAt(text: string, start: number): { readonly end: number } | undefined {
  const end = text.indexOf(">", start);
  const declaration = end === -1 ? text.slice(start) : text.slice(start, end);
  if (!declaration.startsWith("<!DOCTYPE")) throw new QualityReportError("holds a declaration that is not read");
  if (declaration.includes("[")) throw new QualityReportError("declares entities of its own, which are not read");
  return end === -1 ? undefined : { end: end + 1 };
}
