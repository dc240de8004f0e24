import { describe, expect, it } from "vitest";
import { filterTerm, matchesWords, parseFilter } from "../../src/dashboard/filter-text.ts";

describe("a typed filter", () => {
  it.each([
    ["", {}, []],
    ["Backend  fix", {}, ["backend", "fix"]],
    ["project:shop model:opus", { project: ["shop"], model: ["opus"] }, []],
    ["product:codex product:claude-code x", { product: ["codex", "claude-code"] }, ["x"]],
    ['agent:"code reviewer" slow', { agent: ["code reviewer"] }, ["slow"]],
    ['agent:"not closed', { agent: ["not closed"] }, []],
    ["constructor: a:b", {}, ["constructor:", "a:b"]],
    ["project:", {}, ["project:"]],
  ])("%j is read as names and words", (text, flags, words) => {
    expect(parseFilter(text)).toEqual({ flags, words });
  });

  it("comes back from the term of a name", () => {
    for (const name of ["shop", "two words", "/home/dev/my shop"]) {
      expect(parseFilter(filterTerm("project", name)).flags).toEqual({ project: [name] });
    }
  });

  it("matches rows that hold every word", () => {
    expect(matchesWords(["a", "b"], "xAx", null, "b")).toBe(true);
    expect(matchesWords(["a", "c"], "a", "b")).toBe(false);
    expect(matchesWords([], "a")).toBe(true);
  });
});
