/** Text → JSON, within limits: a parser would take any depth and any number of objects. */
import { MalformedRequestError } from "../malformed-request-error.ts";

/** Attributes may be nested 64 deep, two levels of JSON each at most three; the request around them takes ten. */
const MAX_JSON_DEPTH = 210;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Parses a body.
 *
 * @param maxItems objects that it may hold.
 * @throws MalformedRequestError when it is no JSON object, or beyond the limits.
 */
export function parseJson(body: Uint8Array, maxItems: number): unknown {
  checkShape(body, maxItems);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new MalformedRequestError("is not text in UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new MalformedRequestError("is not JSON");
  }
}

/** Looks at the bytes alone; no byte of a longer UTF-8 character looks like any of these. */
function checkShape(body: Uint8Array, maxItems: number): void {
  let depth = 0;
  let items = 0;
  let isInText = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (isInText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) isInText = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      // An attribute is an object and its value another one.
      if (byte === OPEN_BRACE) items += 1;
      if (depth > MAX_JSON_DEPTH) throw new MalformedRequestError(`is nested deeper than ${MAX_JSON_DEPTH} levels`);
      if (items > maxItems) {
        throw new MalformedRequestError(`holds more than ${maxItems} items: send smaller batches`, "too_large");
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
}
