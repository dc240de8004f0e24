import { describe, expect, it } from "vitest";
import { createProgressBar, describeProgress } from "../../src/terminal/progress.ts";

const PROGRESS = { label: "Claude Code", filesDone: 3, filesTotal: 12, bytesDone: 50e6, bytesTotal: 200e6 };

describe("the progress bar", () => {
  it("says how much is done and how fast", () => {
    expect(describeProgress(PROGRESS, 1000)).toBe("Claude Code ██████░░░░░░░░░░░░░░░░░░ 25%  3/12 files  50 MB/s");
  });

  it("never exceeds its end when files grow, and stands a plan without bytes", () => {
    expect(describeProgress({ ...PROGRESS, bytesDone: 300e6 }, 0)).toContain(" 100%  ");
    expect(describeProgress({ ...PROGRESS, bytesDone: 0, bytesTotal: 0 }, 10)).toContain(" 100%  ");
  });

  it("stays away from short imports, draws now and then, and leaves nothing behind", () => {
    let time = 0;
    const written: string[] = [];
    const bar = createProgressBar({ write: (text) => written.push(text), columns: 30, now: () => time });
    bar.update(PROGRESS);
    bar.clear();
    expect(written).toEqual([]);
    time = 450;
    bar.update(PROGRESS);
    bar.update(PROGRESS);
    expect(written).toHaveLength(1);
    expect(written[0]?.replace("\r\u001b[2K", "")).toHaveLength(29);
    time = 600;
    bar.update(PROGRESS);
    bar.clear();
    expect(written).toHaveLength(3);
    expect(written.at(-1)).toBe("\r\u001b[2K");
  });
});
