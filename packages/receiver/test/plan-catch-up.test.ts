import type { TranscriptFile } from "@moai-metrics/agents";
import type { TranscriptMark } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { planCatchUp } from "../src/plan-catch-up.ts";

const FILE: TranscriptFile = { path: "/t/a.jsonl", inode: 7, sizeBytes: 1000, modifiedAtMillis: 5000 };
const CURSOR: TranscriptMark = { ...FILE, product: "claude-code", offsetBytes: 990 };

function planOne(file: Partial<TranscriptFile>, cursor: Partial<TranscriptMark> = {}) {
  return planCatchUp([{ ...FILE, ...file }], new Map([[FILE.path, { ...CURSOR, ...cursor }]]));
}

describe("a plan", () => {
  it("reads a file that was never read from its start", () => {
    expect(planCatchUp([FILE], new Map())).toEqual({
      reads: [{ file: FILE, fromBytes: undefined }],
      unchangedFiles: 0,
      totalBytes: 1000,
    });
  });

  it("leaves an unchanged file alone, even when its last line is not finished", () => {
    expect(planOne({})).toEqual({ reads: [], unchangedFiles: 1, totalBytes: 0 });
  });

  it("goes on where it stopped when a file only grew", () => {
    const plan = planOne({ sizeBytes: 1500, modifiedAtMillis: 6000 });
    expect(plan.reads[0]?.fromBytes).toBe(990);
    expect(plan.totalBytes).toBe(510);
  });

  it("goes on in a file whose reading was interrupted", () => {
    expect(planOne({}, { sizeBytes: 400, offsetBytes: 400 }).reads[0]?.fromBytes).toBe(400);
  });

  it.each([
    ["was replaced", { inode: 8 }],
    ["was replaced by a longer one", { inode: 8, sizeBytes: 2000 }],
    ["was shortened", { sizeBytes: 500 }],
    ["was rewritten at the same size", { modifiedAtMillis: 6000 }],
  ])("reads a file again from its start when it %s", (_, change) => {
    expect(planOne(change).reads).toEqual([{ file: { ...FILE, ...change }, fromBytes: undefined }]);
  });
});
