import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderJson } from "../../src/render/json.ts";
import { toPlainText, toSpreadsheetText } from "../../src/render/plain-text.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not get through.
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe("a name from elsewhere", () => {
  it("cannot steer the terminal", () => {
    expect(toPlainText("\u001b[2Jexpert\u009b31m")).toBe("\ufffd[2Jexpert\ufffd31m");
  });

  it("cannot turn the reading direction", () => {
    expect(toPlainText("abc\u202etxt.exe\u2069")).toBe("abc\ufffdtxt.exe\ufffd");
  });

  it("stays on its line", () => {
    expect(toPlainText("two\nlines\tand a tab")).toBe("two lines and a tab");
  });

  it("keeps letters of every script", () => {
    expect(toPlainText("전문가-백엔드 café 👩‍💻")).toBe("전문가-백엔드 café 👩‍💻");
  });

  it("never holds a control character, whatever it was", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !DANGEROUS.test(toPlainText(text))));
  });
});

describe("JSON for a terminal", () => {
  it("holds no control character and parses to the same value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const json = renderJson({ text });
        expect(DANGEROUS.test(json.replaceAll("\n", ""))).toBe(false);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});

describe("text for a spreadsheet", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"])(
    "does not run %j as a formula",
    (text) => {
      expect(toSpreadsheetText(text)).toMatch(/^'/);
    },
  );

  it("leaves ordinary names alone", () => {
    expect(toSpreadsheetText("expert-backend")).toBe("expert-backend");
  });
});
