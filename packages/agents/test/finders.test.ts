import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { TRANSCRIPT_FINDERS } from "../src/finders.ts";
import { createTranscriptSources } from "../src/index.ts";
import { temporaryFolder } from "./support/reading.ts";

const finderOf = (product: string) => TRANSCRIPT_FINDERS.find((finder) => finder.product === product);

describe("the finders of all products", () => {
  it("have a reader each", () => {
    expect(createTranscriptSources().map(({ product }) => product)).toEqual(
      TRANSCRIPT_FINDERS.map(({ product }) => product),
    );
  });

  it("look where each product keeps its files, or where the user has moved them", () => {
    const rootsOf = (product: string, variables: Record<string, string> = {}) =>
      finderOf(product)?.roots({ homeFolder: "/home/a", variables });
    expect(rootsOf("codex")).toEqual(["/home/a/.codex/sessions", "/home/a/.codex/archived_sessions"]);
    expect(rootsOf("codex", { CODEX_HOME: "" })).toEqual(rootsOf("codex"));
    expect(rootsOf("codex", { CODEX_HOME: "/x" })).toEqual(["/x/sessions", "/x/archived_sessions"]);
    expect(rootsOf("gemini-cli")).toEqual(["/home/a/.gemini/tmp"]);
    expect(rootsOf("gemini-cli", { GEMINI_CLI_HOME: "" })).toEqual(rootsOf("gemini-cli"));
    expect(rootsOf("gemini-cli", { GEMINI_CLI_HOME: "/y" })).toEqual(["/y/.gemini/tmp"]);
  });

  it("tell the files of the products apart in one folder", () => {
    const folder = temporaryFolder();
    const files = {
      "claude-code": ["p/5f0c.jsonl", "p/5f0c/subagents/agent-1.jsonl"],
      codex: ["2026/11/22/rollout-2026-11-22T07-10-38-1.jsonl", "old/rollout-2.jsonl.zst"],
      "gemini-cli": ["w/chats/session-1.jsonl", "w/chats/session-0.json", "w/chats/s1/a1.jsonl"],
    };
    for (const path of [...Object.values(files).flat(), "w/logs.json", "w/chats/notes.txt"]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), "{}\n");
    }
    for (const [product, paths] of Object.entries(files)) {
      const found = finderOf(product)
        ?.discover([folder])
        .files.map(({ path }) => path.slice(folder.length + 1));
      expect(found?.toSorted()).toEqual(paths.toSorted());
    }
  });
});
