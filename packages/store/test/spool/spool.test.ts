import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { decodeSpoolFile, encodeSpoolFile, listSpoolFiles, writeSpoolFile } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";

const facts: Fact[] = [
  { kind: "session", witness: "process", product: "p", sessionId: "s", activity: [{ startMillis: 1, endMillis: 2 }] },
  { kind: "task", witness: "process", product: "p", sessionId: "s", taskId: "t" },
  { kind: "model_call", witness: "process", product: "p", sessionId: "s", requestId: "r", endedAtMillis: 2 },
  { kind: "tool_call", witness: "process", product: "p", sessionId: "s", callId: "c", startedAtMillis: 1 },
  {
    kind: "file_change",
    witness: "process",
    product: "p",
    sessionId: "s",
    taskId: "t",
    path: "/a",
    change: "created",
    atMillis: 1,
  },
];
const NONE = { series: [] };
const newFolder = () => join(mkdtempSync(join(tmpdir(), "spool-")), "spool");

describe("spool format", () => {
  it("brings every kind of fact back as it was, the path of a changed file as its digest", () => {
    const digest = "sha256:6a50dc8584134c7de537c0052ff6d236bf874355e050c90523e0c5ff2a543a28";
    const told = facts.map((fact) => (fact.kind === "file_change" ? { ...fact, path: digest } : fact));
    expect(encodeSpoolFile(facts)).not.toContain('"/a"');
    expect(decodeSpoolFile(encodeSpoolFile(facts))).toEqual({
      facts: told,
      points: NONE,
      invalid: 0,
      invalidPoints: 0,
    });
    expect(encodeSpoolFile(told)).toBe(encodeSpoolFile(facts));
  });

  it("counts entries that are no facts", () => {
    const text = JSON.stringify({
      version: 1,
      facts: [...facts, null, { kind: "toString" }, { ...facts[0], witness: "me" }, { ...facts[1], taskId: undefined }],
    });
    expect(decodeSpoolFile(text)).toEqual({ facts, points: NONE, invalid: 4, invalidPoints: 0 });
  });

  it("refuses every cut-off, other and newer file", () => {
    const text = encodeSpoolFile(facts);
    for (let length = 0; length < text.length; length += 7) {
      expect(decodeSpoolFile(text.slice(0, length))).toBeUndefined();
    }
    expect(decodeSpoolFile(`{"version":3,"facts":[]}`)).toBeUndefined();
    expect(decodeSpoolFile("null")).toBeUndefined();
  });
});

describe("spool files", () => {
  it("are whole, private, and listed oldest first", () => {
    const folder = newFolder();
    const first = writeSpoolFile(folder, facts);
    const second = writeSpoolFile(folder, []);
    writeFileSync(join(folder, "999-1-0_1.json"), encodeSpoolFile([]));
    writeFileSync(join(folder, "1-1-0_1.json.tmp"), "unfinished");
    writeFileSync(join(folder, "note.txt"), "other");
    expect(listSpoolFiles(folder).map((path) => basename(path))).toEqual([
      "999-1-0_1.json",
      basename(first),
      basename(second),
    ]);
    expect(readFileSync(first, "utf8")).toBe(encodeSpoolFile(facts));
    expect(statSync(first).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("are none where there is no spool", () => {
    expect(listSpoolFiles(newFolder())).toEqual([]);
  });

  it("leave nothing behind when they cannot be written", () => {
    const folder = newFolder();
    writeFileSync(folder, "a file where the folder should be");
    expect(() => writeSpoolFile(folder, facts)).toThrow();
    expect(() => listSpoolFiles(folder)).toThrow();
  });
});
