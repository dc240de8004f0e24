import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJsonCursor, createKeyTable, createTextSlot, type JsonCursor } from "../../src/jsonl/skim.ts";

const KEYS = createKeyTable(["name", "count", "on", "list", "inner", "text"]);

function open(text: string | Uint8Array): JsonCursor {
  const bytes = Buffer.from(text as string);
  const cursor = createJsonCursor();
  // Bytes of other lines lie before and behind, as in a reader's buffer.
  const padded = Buffer.concat([Buffer.from('"}\\'), bytes, Buffer.from('"}]:,\\"')]);
  cursor.open(padded, 3, 3 + bytes.length);
  return cursor;
}

/** Reads everything that the cursor can read from one object. */
function readAll(cursor: JsonCursor): Record<string, unknown> | undefined {
  if (!cursor.enterObject()) return undefined;
  const found: Record<string, unknown> = {};
  for (let key = cursor.nextKey(KEYS); key !== undefined; key = cursor.nextKey(KEYS)) {
    if (key === "name") found["name"] = cursor.readString(10_000);
    else if (key === "count") found["count"] = cursor.readNumber();
    else if (key === "on") found["on"] = cursor.readBoolean();
    else if (key === "inner") found["inner"] = readAll(cursor);
    else if (key === "text") found["text"] = cursor.countLineFeeds();
    else if (key === "list") found["list"] = readList(cursor);
    else cursor.skip();
  }
  return found;
}

function readList(cursor: JsonCursor): unknown[] {
  const items: unknown[] = [];
  if (!cursor.enterArray()) return items;
  while (cursor.nextItem()) items.push(cursor.readString(10_000));
  return items;
}

const quotedText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.stringMatching(/^["\\a]{0,300}$/),
  fc.constant('say "x" '.repeat(400)),
);

const document = fc.record(
  {
    name: quotedText,
    count: fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger()),
    on: fc.boolean(),
    list: fc.array(quotedText),
    other: fc.jsonValue(),
    text: fc.stringMatching(/^[\n\r\\nu0a"]{0,40}$/),
  },
  { requiredKeys: [] },
);

describe("the JSON cursor", () => {
  it("reads what JSON.parse reads, whatever else the object holds and however it is spaced", () => {
    fc.assert(
      fc.property(document, fc.option(document, { nil: undefined }), fc.nat(2), (outer, inner, indent) => {
        const written = JSON.stringify({ ...outer, ...(inner === undefined ? {} : { inner }) }, undefined, indent);
        const cursor = open(written);
        const { other: _, inner: __, ...expected } = JSON.parse(written);
        const { other: ___, ...expectedInner } = JSON.parse(written).inner ?? {};
        const counted = <T extends { text?: string }>({ text, ...rest }: T) =>
          text === undefined ? rest : { ...rest, text: text.split("\n").length - 1 };
        const found = readAll(cursor);
        cursor.finish();
        expect(cursor.failure).toBeUndefined();
        expect(found).toEqual({
          ...counted(expected),
          ...(inner === undefined ? {} : { inner: counted(expectedInner) }),
        });
      }),
      { numRuns: 400 },
    );
  });

  it("reads long strings that repeat, nearly repeat or go on after one another", () => {
    const long = fc
      .tuple(fc.constantFrom("a", '"', "\\", 'say "x", ', '\\"}', '","name":"', "\n"), fc.nat(40), fc.nat(200))
      .map(([unit, lead, times]) => "-".repeat(lead) + unit.repeat(times));
    const change = fc.constantFrom(
      (text: string) => text,
      (text: string) => `${text}"`,
      (text: string) => `${text}\\`,
      (text: string) => `"${text}`,
      (text: string) => text.slice(0, -1),
      (text: string) => text.slice(1),
      (text: string) => `${text.slice(0, 150)}"${text.slice(151)}`,
      (text: string) => `${text.slice(0, -1)}x`,
      (text: string) => text + text,
    );
    const list = fc
      .tuple(fc.array(long, { minLength: 1, maxLength: 3 }), fc.array(fc.tuple(fc.nat(2), change), { maxLength: 8 }))
      .map(([texts, again]) => [...texts, ...again.map(([index, changed]) => changed(texts[index] ?? texts[0] ?? ""))]);
    fc.assert(
      fc.property(list, (texts) => {
        const cursor = open(JSON.stringify({ list: texts, name: "behind" }));
        expect(readAll(cursor)).toEqual({ list: texts, name: "behind" });
        cursor.finish();
        expect(cursor.failure).toBeUndefined();
      }),
      { numRuns: 600 },
    );
  });

  it("does not take a long string of an earlier text for one of this text", () => {
    const cursor = createJsonCursor();
    const first = Buffer.from(`["${"x".repeat(300)}"]`);
    const second = Buffer.from(`["${"x".repeat(299)}\\"behind"]`);
    const buffer = Buffer.concat([first, second]);
    cursor.open(buffer, 0, first.length);
    expect(readList(cursor)).toEqual(["x".repeat(300)]);
    // Where the earlier text was lies something else by now, that looks like the beginning of this one.
    second.copy(buffer, 0, 0, 302);
    cursor.open(buffer, first.length, buffer.length);
    expect(readList(cursor)).toEqual([`${"x".repeat(299)}"behind`]);
  });

  it("tells whether what is left are certain bytes", () => {
    const cursor = open('{"name":"a","count":1}');
    cursor.enterObject();
    cursor.nextKey(KEYS);
    cursor.skip();
    cursor.nextKey(KEYS);
    expect(Buffer.from(cursor.rest()).toString()).toBe("1}");
    expect(cursor.isRest(Buffer.from("1}"))).toBe(true);
    expect(cursor.isRest(Buffer.from("2}"))).toBe(false);
    expect(cursor.isRest(Buffer.from("1"))).toBe(false);
    expect(cursor.isRest(Buffer.from('1}"'))).toBe(false);
  });

  it("ends on any bytes, without a throw", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      ":",
      ",",
      "name",
      '"name":',
      '"list":[',
      "1",
      "true",
      " ",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const cursor = open(parts.join(""));
        readAll(cursor);
        cursor.finish();
        expect(cursor.valueEnd).toBeLessThanOrEqual(3 + parts.join("").length);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["{", "unexpected end"],
    ['{"name', "unexpected end"],
    ['{"name"', "unexpected end"],
    ['{"name"  ', "unexpected end"],
    ['{"name":', "unexpected end"],
    ['{"name":"a', "unexpected end"],
    ['{"other":[1,{"a":"b', "unexpected end"],
    ['{"name" 1}', "unexpected character"],
    ["{name:1}", "unexpected character"],
    ['{"count":}', "unexpected character"],
    ['{"name":"\\x"}', "bad string"],
    ["{} {}", "trailing data"],
  ])("says of %s: %s", (text, failure) => {
    const cursor = open(text);
    readAll(cursor);
    cursor.finish();
    expect(cursor.failure).toBe(failure);
  });

  it("answers undefined for values of another kind and stays in step", () => {
    const cursor = open('{"name":{"a":[1]},"count":"7","on":null,"list":7,"text":[],"inner":3,"count":5}');
    expect(readAll(cursor)).toEqual({
      name: undefined,
      on: undefined,
      list: [],
      text: undefined,
      inner: undefined,
      count: 5,
    });
  });

  it("reads words that begin like true and false as nothing", () => {
    expect(readAll(open('{"on":tru}'))).toEqual({ on: undefined });
    expect(readAll(open('{"on":falsy}'))).toEqual({ on: undefined });
    expect(readAll(open('{"count":-}'))).toEqual({ count: undefined });
  });

  it("creates a repeated value once", () => {
    const slot = createTextSlot();
    const cursor = createJsonCursor();
    const read = (text: string, maxBytes = 1000): string | undefined => {
      const bytes = Buffer.from(text);
      cursor.open(bytes, 0, bytes.length);
      return cursor.readRepeated(slot, maxBytes);
    };
    expect(read('"a\\"b"')).toBe('a"b');
    expect(read('"a\\"b"')).toBe('a"b');
    expect(read('"a\\"bc"')).toBe('a"bc');
    expect(read('"é"')).toBe("é");
    expect(read('""')).toBe("");
    expect(read("7")).toBeUndefined();
    expect(read('"abc"', 2)).toBeUndefined();
    expect(read(`"${"x".repeat(500)}"`)).toBe("x".repeat(500));
    expect(read('"\\q"')).toBeUndefined();
    expect(read('"open')).toBeUndefined();
  });

  it("reads values that take turns in one slot, whatever place they share", () => {
    const slot = createTextSlot();
    const cursor = createJsonCursor();
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[abé"]{0,4}$/), { maxLength: 30 }), (texts) => {
        for (const text of texts) {
          const bytes = Buffer.from(JSON.stringify(text));
          cursor.open(bytes, 0, bytes.length);
          expect(cursor.readRepeated(slot, 1000)).toBe(text);
        }
      }),
    );
  });

  it("tells the kind of what is ahead", () => {
    const cursor = open('["a","",[],7]');
    expect([cursor.isAtArray(), cursor.isAtString(), cursor.firstByteOfString()]).toEqual([true, false, 0]);
    cursor.enterArray();
    cursor.nextItem();
    expect([cursor.isAtArray(), cursor.isAtString(), cursor.firstByteOfString()]).toEqual([false, true, 0x61]);
    cursor.skip();
    cursor.nextItem();
    expect(cursor.firstByteOfString()).toBe(0);
  });

  it("counts escaped line feeds in both spellings, and no escaped backslashes", () => {
    expect(readAll(open('{"text":"a\\nb\\u000A\\\\n\\u0061\\r\\n"}'))).toEqual({ text: 3 });
  });
});
