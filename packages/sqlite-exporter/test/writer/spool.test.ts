import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { createSpool } from "../../src/writer/spool.ts";

const fact: Fact = { kind: "task", witness: "process", product: "p", sessionId: "s", taskId: "t" };

describe("spool", () => {
  it("takes no more than its limit, also of what others put there, and takes again when it was emptied", () => {
    const folder = join(mkdtempSync(join(tmpdir(), "spool-")), "spool");
    let millis = 0;
    createSpool(folder).write([fact]);
    const spool = createSpool(folder, { maxBytes: 300, now: () => millis });
    const fill = () => {
      for (let i = 0; i < 100; i++) spool.write([fact]);
    };
    expect(fill).toThrow(/takes no more.*moai-metrics import/);
    const kept = readdirSync(folder).length;
    expect(kept).toBeGreaterThan(1);
    expect(kept).toBeLessThan(20);
    rmSync(folder, { recursive: true });
    expect(() => spool.write([fact])).toThrow("takes no more");
    millis += 5000;
    spool.write([fact]);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});
