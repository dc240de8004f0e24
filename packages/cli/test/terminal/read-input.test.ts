import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { readInput } from "../../src/terminal/read-input.ts";

const SOURCE = pathToFileURL(join(import.meta.dirname, "../../src/terminal/read-input.ts")).href;

function fileWith(text: string): number {
  const folder = mkdtempSync(join(tmpdir(), "read-input-"));
  const path = join(folder, "input");
  writeFileSync(path, text);
  const descriptor = openSync(path, "r");
  onTestFinished(() => {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });
  return descriptor;
}

describe("readInput", () => {
  it("reads everything, characters that lie across chunks included", () => {
    const text = "é".repeat(70_000);
    expect(readInput(fileWith(text), 1_000_000)).toBe(text);
    expect(readInput(fileWith(""), 10)).toBe("");
  });

  it("takes nothing of what is too long, or cannot be read", () => {
    expect(readInput(fileWith("x".repeat(200_000)), 100_000)).toBe("");
    expect(readInput(999, 10)).toBe("");
  });

  it("waits for a writer that is slow, whether its pipe blocks or not", async () => {
    const program = `import { readInput } from ${JSON.stringify(SOURCE)}; process.stdout.write(readInput(0, 1e6));`;
    for (const prelude of ["", "process.stdin.on('data', () => {}).pause();"]) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", prelude + program], { stdio: "pipe" });
      let output = "";
      child.stdout.on("data", (chunk) => (output += String(chunk)));
      child.stdin.write("one ");
      setTimeout(() => child.stdin.end("two"), 300);
      await once(child, "close");
      expect(output).toMatch(/two$/);
    }
  });
});
