import { describe, expect, it } from "vitest";
import { homeWithTranscripts } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";

describe("dashboard without a terminal", () => {
  it("prints one frame, with --once and without", async () => {
    const home = homeWithTranscripts();
    for (const flags of [[], ["--once", "--period", "30d", "--group-by", "model", "--by", "hour"]]) {
      const { stdout, exitCode } = await runHere(home, ["dashboard", ...flags]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain("Summary");
      expect(stdout).toContain("Alerts");
    }
  });

  it("prints the figures behind it with --json", async () => {
    const { stdout } = await runHere(homeWithTranscripts(), ["dashboard", "--json", "--period", "90d"]);
    expect(JSON.parse(stdout).dashboard.period).toMatchObject({ name: "90d" });
  });

  it("prints sentences to a screen reader, by flag or by variable", async () => {
    const home = homeWithTranscripts();
    const byFlag = await runHere(home, ["dashboard", "--screen-reader"]);
    const byVariable = await runHere(home, ["dashboard"], {
      variables: { INK_SCREEN_READER: "true" },
      isTerminal: true,
    });
    expect(byFlag.stdout).not.toMatch(/[─█]/);
    const withoutSizes = (text: string): string => text.replace(/Store: .*/, "");
    expect(withoutSizes(byVariable.stdout)).toBe(withoutSizes(byFlag.stdout));
  });

  it("fits the terminal with --once", async () => {
    const { stdout } = await runHere(homeWithTranscripts(), ["dashboard", "--once"], { isTerminal: true });
    expect(stdout.split("\n").length).toBeGreaterThan(10);
  });

  it.each(["0", "0.5", "3601", "soon", "-1"])("refuses an interval of %s seconds", async (interval) => {
    const { stderr, exitCode } = await runHere(homeWithTranscripts(), ["dashboard", "--interval", interval]);
    expect(stderr).toContain("Write seconds from 1 to 3600.");
    expect(exitCode).toBe(2);
  });
});
