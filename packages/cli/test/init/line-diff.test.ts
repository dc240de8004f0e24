import { describe, expect, it } from "vitest";
import { lineDiff } from "../../src/init/line-diff.ts";

describe("the difference of two texts", () => {
  it("is shown in pieces with some lines around them", () => {
    const before = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`);
    const after = before.with(1, "two").toSpliced(15, 0, "more");
    expect(lineDiff(`${before.join("\n")}\n`, `${after.join("\r\n")}\r\n`)).toEqual([
      "@@ -1 +1 @@",
      " line 1",
      "-line 2",
      "+two",
      " line 3",
      " line 4",
      " line 5",
      "@@ -13 +13 @@",
      " line 13",
      " line 14",
      " line 15",
      "+more",
      " line 16",
      " line 17",
      " line 18",
    ]);
    expect(lineDiff("a\n", "a\n")).toEqual([]);
    expect(lineDiff("", "a\n")).toEqual(["@@ -1 +1 @@", "+a"]);
  });

  it("shows no secrets", () => {
    const text = `"ANTHROPIC_API_KEY": "sk-\\"1", "model": "opus"\nheaders = { Authorization = 'Bearer x' }\n`;
    expect(lineDiff("", text)).toEqual([
      "@@ -1 +1 @@",
      '+"ANTHROPIC_API_KEY": "…", "model": "opus"',
      "+headers = { Authorization = '…' }",
    ]);
  });
});
