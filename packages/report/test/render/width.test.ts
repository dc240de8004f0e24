import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutToWidth, pad, widthOf, wrapToWidth } from "../../src/render/width.ts";

describe("width", () => {
  it.each([
    ["expert", 6],
    ["█░▲▼…–─└", 8],
    ["전문가", 6],
    ["日本語-agent", 12],
    ["👩‍💻", 2],
    ["e\u0301", 1],
  ])("of %s is %d columns", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe("cutting", () => {
  it("marks what was left out and never exceeds the width", () => {
    expect(cutToWidth("expert-backend", 8)).toBe("expert-…");
    expect(cutToWidth("expert", 6)).toBe("expert");
    expect(cutToWidth("expert", 0)).toBe("");
  });

  it("does not split a wide character or a grapheme", () => {
    expect(cutToWidth("전문가 에이전트", 6)).toBe("전문…");
    expect(cutToWidth("👩‍💻👩‍💻👩‍💻", 4)).toBe("👩‍💻…");
  });

  it("fits any text into any width", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        expect(widthOf(cutToWidth(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe("lines", () => {
  it("are padded to a width on either side", () => {
    expect(pad("전문", 6, "left")).toBe("전문  ");
    expect(pad("12", 4, "right")).toBe("  12");
  });

  it("break at spaces, and a word that is too long is cut", () => {
    expect(wrapToWidth("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapToWidth("averyverylongword x", 6)).toEqual(["avery…", "x"]);
    expect(wrapToWidth("", 6)).toEqual([]);
  });
});
