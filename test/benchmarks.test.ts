import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDocument } from "../bench/lib/render-document.ts";
import { readResults } from "../bench/lib/results.ts";

describe("docs/benchmarks.md", () => {
  it("is what the kept figures render to, never edited by hand", () => {
    expect(readFileSync("docs/benchmarks.md", "utf8")).toBe(renderDocument(readResults()));
  });
});
