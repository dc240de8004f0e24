import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findUnreadData } from "../src/finders.ts";
import { temporaryFolder } from "./support/reading.ts";

function touch(...parts: string[]): void {
  const path = join(...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
}

describe("data that is not read yet", () => {
  it("is named by product and folder, with its number of files", () => {
    const home = temporaryFolder();
    touch(home, ".codex", "sessions", "2026", "11", "22", "rollout-1.jsonl");
    touch(home, ".codex", "sessions", "2026", "11", "22", "notes.txt");
    touch(home, ".codex", "archived_sessions", "rollout-2.jsonl.zst");
    touch(home, ".gemini", "tmp", "abc", "chats", "session-1.json");
    touch(home, ".gemini", "tmp", "abc", "chats", "parent", "agent.jsonl");
    touch(home, ".gemini", "tmp", "abc", "logs.json");
    expect(findUnreadData({ homeFolder: home, variables: {} })).toEqual([
      { label: "Codex", folder: join(home, ".codex", "sessions"), files: 1, isComplete: true },
      { label: "Codex", folder: join(home, ".codex", "archived_sessions"), files: 1, isComplete: true },
      { label: "Gemini CLI", folder: join(home, ".gemini", "tmp"), files: 2, isComplete: true },
    ]);
  });

  it("of Codex is looked for where CODEX_HOME says", () => {
    const [home, codex] = [temporaryFolder(), temporaryFolder()];
    touch(codex, "sessions", "rollout-1.jsonl");
    touch(home, ".codex", "sessions", "rollout-1.jsonl");
    const folders = findUnreadData({ homeFolder: home, variables: { CODEX_HOME: codex } }).map((found) => found.folder);
    expect(folders).toEqual([join(codex, "sessions")]);
    const empty = findUnreadData({ homeFolder: home, variables: { CODEX_HOME: "" } }).map((found) => found.folder);
    expect(empty).toEqual([join(home, ".codex", "sessions")]);
  });

  it("is not looked at without end", () => {
    const home = temporaryFolder();
    const folder = join(home, ".codex", "sessions");
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 20_001; i++) writeFileSync(join(folder, `rollout-${i}.jsonl`), "");
    expect(findUnreadData({ homeFolder: home, variables: {} })).toMatchObject([{ files: 20_000, isComplete: false }]);
  });

  it("is nothing on a machine without it", () => {
    expect(findUnreadData({ homeFolder: "/nobody", variables: {} })).toEqual([]);
  });
});
