import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { primaryFolder } from "../src/index.ts";

function checkout(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "primary-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const project = join(root, "shop");
  mkdirSync(join(project, ".git", "worktrees", "feature"), { recursive: true });
  return project;
}

describe("the folder of a project", () => {
  it("is that of the primary checkout for a worktree and what lies in it", () => {
    const project = checkout();
    const worktree = join(project, "..", "shop-feature");
    mkdirSync(join(worktree, "src"), { recursive: true });
    writeFileSync(join(worktree, ".git"), `gitdir: ${join(project, ".git", "worktrees", "feature")}\n`);
    expect(primaryFolder(worktree)).toBe(project);
    expect(primaryFolder(join(worktree, "src"))).toBe(join(project, "src"));
  });

  it("is known of a worktree that is gone by where agents make theirs", () => {
    const project = checkout();
    expect(primaryFolder(join(project, ".claude", "worktrees", "agent-1"))).toBe(project);
    expect(primaryFolder(join(project, ".moai", "worktrees", "SPEC-AUTH-001", "src"))).toBe(join(project, "src"));
    const elsewhere = join(project, "..", ".moai", "worktrees", "shop", "SPEC-AUTH-001");
    expect(primaryFolder(elsewhere)).toBe(elsewhere);
  });

  it("is itself for any other folder", () => {
    const project = checkout();
    for (const folder of [project, join(project, "src"), "/nowhere/at/all", "relative", "C:\\work"]) {
      expect(primaryFolder(folder)).toBe(folder);
    }
  });
});
