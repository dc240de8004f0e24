import { closeSync, openSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineReader } from "../../src/jsonl/lines.ts";
import { temporaryFolder } from "../support/reading.ts";

interface SeenLine {
  readonly text: string;
  readonly offset: number;
  readonly next: number;
}

function linesOf(content: string | Uint8Array, { bufferBytes = 8, maxLineBytes = 1000, offsetBytes = 0 } = {}) {
  const path = `${temporaryFolder()}/lines`;
  writeFileSync(path, content);
  const descriptor = openSync(path, "r");
  try {
    const reader = createLineReader({ descriptor, offsetBytes, buffer: Buffer.alloc(bufferBytes), maxLineBytes });
    const lines: SeenLine[] = [];
    while (reader.next()) {
      const text = reader.buffer.toString("latin1", reader.start, reader.end);
      lines.push({ text, offset: reader.lineOffsetBytes, next: reader.offsetBytes });
    }
    return { lines, tooLong: reader.tooLongLines, offset: reader.offsetBytes };
  } finally {
    closeSync(descriptor);
  }
}

describe("the line reader", () => {
  it("gives the complete lines and their places, whatever the size of the buffer", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,40}$/)),
        fc.integer({ min: 1, max: 64 }),
        (texts, bufferBytes) => {
          const { lines, offset } = linesOf(`${texts.map((text) => `${text}\n`).join("")}rest`, { bufferBytes });
          expect(lines.map((line) => line.text)).toEqual(texts);
          let expected = 0;
          for (const line of lines) {
            expect(line.offset).toBe(expected);
            expected += line.text.length + 1;
            expect(line.next).toBe(expected);
          }
          expect(offset).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives back lines passed earlier as they are in the file, or not at all", () => {
    const path = `${temporaryFolder()}/lines`;
    let given = 0;
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,40}$/), { minLength: 1, maxLength: 20 }),
        fc.stringMatching(/^[A-Z]{0,300}$/),
        fc.integer({ min: 1, max: 128 }),
        (texts, unended, bufferBytes) => {
          writeFileSync(path, texts.map((text) => `${text}\n`).join("") + unended);
          const descriptor = openSync(path, "r");
          const options = { descriptor, offsetBytes: 0, buffer: Buffer.alloc(bufferBytes), maxLineBytes: 30 };
          const reader = createLineReader(options);
          for (let hasLine = true; hasLine; ) {
            hasLine = reader.next();
            let offset = 0;
            for (const text of texts) {
              const passed = reader.passedLine(offset, text.length);
              if (passed !== undefined) {
                expect(passed.toString("latin1")).toBe(text);
                expect(offset).toBeLessThan(reader.offsetBytes);
                given += 1;
              }
              offset += text.length + 1;
            }
            expect(reader.passedLine(reader.offsetBytes, 1)).toBeUndefined();
          }
          closeSync(descriptor);
        },
      ),
      { numRuns: 100 },
    );
    expect(given).toBeGreaterThan(100);
  });

  it("gives back nothing that a long line without an end has overwritten", () => {
    const path = `${temporaryFolder()}/lines`;
    writeFileSync(path, `one\ntwo\n${"X".repeat(100)}`);
    const descriptor = openSync(path, "r");
    const reader = createLineReader({ descriptor, offsetBytes: 0, buffer: Buffer.alloc(64), maxLineBytes: 30 });
    expect([reader.next(), reader.next()]).toEqual([true, true]);
    expect(reader.passedLine(0, 3)?.toString()).toBe("one");
    expect(reader.next()).toBe(false);
    expect(reader.passedLine(0, 3)).toBeUndefined();
    expect(reader.next()).toBe(false);
    expect(reader.offsetBytes).toBe(8);
    closeSync(descriptor);
  });

  it("begins where it is told", () => {
    expect(linesOf("one\ntwo\nthree\n", { offsetBytes: 4 }).lines.map((line) => line.text)).toEqual(["two", "three"]);
  });

  it("leaves a last line without a line feed", () => {
    expect(linesOf("one\ntwo")).toMatchObject({ offset: 4, tooLong: 0 });
  });

  it("skips and counts lines that are too long, also several in a row", () => {
    const long = "x".repeat(5000);
    for (const bufferBytes of [8, 100, 8000]) {
      const { lines, tooLong } = linesOf(`a\n${long}\nb\n${long}\n${long}\nc\n`, { bufferBytes, maxLineBytes: 100 });
      expect(lines.map((line) => line.text)).toEqual(["a", "b", "c"]);
      expect(tooLong).toBe(3);
    }
  });

  it("waits for the end of a long line before it counts it", () => {
    const content = `a\n${"x".repeat(3_000_000)}`;
    expect(linesOf(content, { bufferBytes: 1024, maxLineBytes: 1000 })).toMatchObject({ offset: 2, tooLong: 0 });
  });

  it("reads a line that is exactly as long as allowed", () => {
    const { lines, tooLong } = linesOf(`${"x".repeat(100)}\n${"y".repeat(101)}\n`, { maxLineBytes: 100 });
    expect(lines.map((line) => line.text.length)).toEqual([100]);
    expect(tooLong).toBe(1);
  });
});
