import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createClaudeCodeTranscripts } from "../../src/index.ts";
import { temporaryFolder } from "../support/reading.ts";

const source = createClaudeCodeTranscripts();

function touch(path: string, content = "{}\n"): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe("roots", () => {
  const rootsOf = (homeFolder: string, variables: Record<string, string> = {}) =>
    source.roots({ homeFolder, variables });

  it("are the folders of the vendor, and the profiles of MoAI", () => {
    const home = temporaryFolder();
    mkdirSync(join(home, ".moai", "claude-profiles", "work"), { recursive: true });
    mkdirSync(join(home, ".moai", "claude-profiles", "home"), { recursive: true });
    expect(rootsOf(home)).toEqual([
      join(home, ".claude", "projects"),
      join(home, ".config", "claude", "projects"),
      join(home, ".moai", "claude-profiles", "home", "projects"),
      join(home, ".moai", "claude-profiles", "work", "projects"),
    ]);
  });

  it("name the profiles' place when there are none", () => {
    expect(rootsOf("/nobody").at(-1)).toBe("/nobody/.moai/claude-profiles/*/projects");
  });

  it("take a list with commas from CLAUDE_CONFIG_DIR, each once", () => {
    const roots = rootsOf("/home/a", { CLAUDE_CONFIG_DIR: " /x , ~/y,~,,/z/projects, /home/a/.claude" });
    expect(roots.slice(0, 6)).toEqual([
      "/x/projects",
      "/home/a/y/projects",
      "/home/a/projects",
      "/z/projects",
      "/home/a/.claude/projects",
      "/home/a/.config/claude/projects",
    ]);
  });
});

describe("discovery", () => {
  it("finds transcripts at every depth, sessions before their subagents, and nothing else", () => {
    const root = temporaryFolder();
    const main = touch(join(root, "p", "s1.jsonl"), "12345\n");
    const agent = touch(join(root, "p", "s1", "subagents", "wf_1", "agent-a.jsonl"));
    touch(join(root, "p", "s1", "subagents", "agent-a.meta.json"));
    touch(join(root, "p", "s1", "tool-results", "x.jsonl"));
    const { files, skipped } = source.discover([root]);
    expect(files.map((file) => file.path)).toEqual([main, agent]);
    expect(files[0]).toMatchObject({ sizeBytes: 6 });
    expect(files[0]?.inode).toBeGreaterThan(0);
    expect(Number.isInteger(files[0]?.modifiedAtMillis)).toBe(true);
    expect(skipped.size).toBe(0);
  });

  it("finds a file once, however many ways lead to it", () => {
    const root = temporaryFolder();
    const other = temporaryFolder();
    const path = touch(join(root, "p", "s1.jsonl"));
    symlinkSync(root, join(other, "link"));
    symlinkSync(path, join(other, "s1.jsonl"));
    symlinkSync(path, join(root, "a-copy.jsonl"));
    symlinkSync(join(root, "p"), join(root, "p", "loop"));
    symlinkSync("/nowhere", join(root, "p", "dangling.jsonl"));
    const { files, skipped } = source.discover([other, join(other, "link"), root, join(root, "p"), "/missing"]);
    expect(files.map((file) => file.path)).toEqual([path]);
    expect(skipped.size).toBe(0);
  });

  it.skipIf(process.getuid?.() === 0)("counts folders that it may not read", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "closed"), { mode: 0o000 });
    expect([...source.discover([root]).skipped]).toEqual([["unreadable folder: EACCES", 1]]);
    chmodSync(join(root, "closed"), 0o700);
  });

  it("counts links that lead round in circles", () => {
    const root = temporaryFolder();
    symlinkSync(join(root, "b.jsonl"), join(root, "a.jsonl"));
    symlinkSync(join(root, "a.jsonl"), join(root, "b.jsonl"));
    expect([...source.discover([root]).skipped]).toEqual([["unreadable file: ELOOP", 2]]);
    expect([...source.discover([join(root, "a.jsonl")]).skipped]).toEqual([["unreadable folder: ELOOP", 1]]);
  });

  it("does not go deeper than transcripts can lie, and counts where it stopped", () => {
    const root = temporaryFolder();
    touch(join(root, ..."12345678".split(""), "found.jsonl"));
    touch(join(root, ..."123456789".split(""), "s1.jsonl"));
    const { files, skipped } = source.discover([root]);
    expect(files).toHaveLength(1);
    expect([...skipped]).toEqual([["unreadable folder: too deep", 1]]);
  });

  it("finds a file once when a link to it lies in a folder that is visited later, or earlier", () => {
    const root = temporaryFolder();
    const path = touch(join(root, "m", "s1.jsonl"));
    for (const folder of ["a", "z"]) {
      mkdirSync(join(root, folder));
      symlinkSync(path, join(root, folder, "link.jsonl"));
    }
    expect(source.discover([join(root, "m"), root]).files.map((file) => file.path)).toEqual([path]);
    expect(source.discover([join(root, "a"), root]).files.map((file) => file.path)).toEqual([path]);
  });

  it("takes a subagent's transcript as modified when its side file came, by whichever way it is found", () => {
    const root = temporaryFolder();
    const elsewhere = temporaryFolder();
    const main = touch(join(root, "p", "s1.jsonl"));
    const agent = touch(join(root, "p", "s1", "subagents", "agent-a.jsonl"));
    for (const path of [main, agent]) utimesSync(path, 1000, 1000);
    symlinkSync(agent, join(elsewhere, "link.jsonl"));
    const modified = (from = root) => source.discover([from]).files.map((file) => file.modifiedAtMillis);
    expect(modified()).toEqual([1_000_000, 1_000_000]);
    expect(modified(elsewhere)).toEqual([1_000_000]);
    touch(join(root, "p", "s1", "subagents", "agent-a.meta.json"));
    touch(join(root, "p", "s1.meta.json"));
    expect(modified()).toEqual([1_000_000, 1_000_000.5]);
    expect(modified(elsewhere)).toEqual([1_000_000.5]);
  });
});
