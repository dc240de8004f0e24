import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ignoreInGit } from "../../src/index.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ignore-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const WHOLE = "*\n!.gitignore\n!config.json\n";
const textOf = (...path: string[]): string => readFileSync(join(...path), "utf8");

describe("ignoreInGit", () => {
  it("keeps a folder for documents alone out of git, but for the configuration", () => {
    const folder = temporaryFolder();
    ignoreInGit(join(folder, "figures"));
    expect(textOf(folder, "figures", ".gitignore")).toBe(WHOLE);
    mkdirSync(join(folder, "old", "reports"), { recursive: true });
    ignoreInGit(join(folder, "old"));
    expect(textOf(folder, "old", ".gitignore")).toBe(WHOLE);
  });

  it("takes MoAI's folder for one, whatever MoAI leaves there", () => {
    const folder = join(temporaryFolder(), ".moai", "metrics");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "2025-11-29.json"), "{}");
    ignoreInGit(folder);
    expect(textOf(folder, ".gitignore")).toBe(WHOLE);
  });

  it("does not hide a project from git whose documents lie beside its sources", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "index.ts"), "");
    ignoreInGit(folder);
    expect(existsSync(join(folder, ".gitignore"))).toBe(false);
    expect(textOf(folder, "reports", ".gitignore")).toBe("*\n");
    ignoreInGit(folder);
    expect(textOf(folder, "reports", ".gitignore")).toBe("*\n");
  });

  it("leaves one that is there as it is", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, ".gitignore"), "node_modules\n");
    ignoreInGit(folder);
    expect(textOf(folder, ".gitignore")).toBe("node_modules\n");
    expect(existsSync(join(folder, "reports"))).toBe(false);
  });
});
