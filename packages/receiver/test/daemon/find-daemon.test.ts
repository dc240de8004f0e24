import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findDaemon, findToken } from "../../src/daemon/find-daemon.ts";

function storage(): string {
  const folder = mkdtempSync(join(tmpdir(), "find-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it("finds the daemon that says it runs, as long as its process is there", () => {
  const folder = storage();
  expect(findDaemon(folder)).toBeUndefined();
  const note = join(folder, "receiver.json");
  writeFileSync(note, JSON.stringify({ pid: process.pid, url: "http://127.0.0.1:4318" }));
  expect(findDaemon(folder)).toEqual({ pid: process.pid, url: "http://127.0.0.1:4318" });
  writeFileSync(note, JSON.stringify({ pid: spawnSync(process.execPath, ["-e", "0"]).pid }));
  expect(findDaemon(folder)).toBeUndefined();
  writeFileSync(note, "{");
  expect(findDaemon(folder)).toBeUndefined();
});

it("finds its token, unless there is none or others could read it", () => {
  const folder = storage();
  expect(findToken(folder)).toBeUndefined();
  const file = join(folder, "receiver-token");
  writeFileSync(file, "a-token-of-its-own\n", { mode: 0o600 });
  expect(findToken(folder)).toBe("a-token-of-its-own");
  chmodSync(file, 0o644);
  expect(findToken(folder)).toBeUndefined();
});
