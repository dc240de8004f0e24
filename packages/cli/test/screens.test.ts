/** Whole screens of the real binary, compared with text files: a change of layout shows as a diff. */
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, runBinary, temporaryHome } from "./support/run-binary.ts";

const SCREENS: [name: string, argv: string[], variables?: Record<string, string>][] = [
  ["overview", []],
  ["overview-wide", [], { COLUMNS: "120" }],
  ["overview-coloured", [], { FORCE_COLOR: "1" }],
  ["daily", ["daily"]],
  ["daily-wide-breakdown", ["daily", "--breakdown"], { COLUMNS: "200" }],
  ["weekly", ["weekly"]],
  ["monthly", ["monthly"]],
  ["session", ["session"]],
  ["session-wide", ["session"], { COLUMNS: "120" }],
  ["session-one", ["session", "eb48af2e"]],
  ["task", ["task"]],
  ["agent", ["agent"]],
  ["agent-json", ["agent", "--json"]],
  ["agent-csv", ["agent", "--csv"]],
  ["model", ["model"]],
  ["project", ["project"]],
  ["tool", ["tool"]],
  ["reconcile", ["reconcile"]],
  ["help", ["--help"]],
];

describe("the screen of", () => {
  it.each(SCREENS)("%s", async (name, argv, variables: Record<string, string> = {}) => {
    const { stdout, stderr, exitCode } = runBinary(homeWithTranscripts(), argv, variables);
    await expect(stdout).toMatchFileSnapshot(`./snapshots/${name}.txt`);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });

  it.each<readonly [name: string, argv: readonly string[]]>([
    ["demo", ["demo"]],
    ["demo-daily", ["demo", "daily"]],
    ["demo-agent", ["demo", "agent"]],
    ["demo-dashboard", ["demo", "dashboard", "--once"]],
    ["demo-session", ["demo", "session", "--last", "5"]],
    ["empty", []],
  ])("%s on a machine without agents", async (name, argv) => {
    const home = temporaryHome();
    const { stdout, exitCode } = runBinary(home, argv);
    await expect(stdout.replaceAll(home, "<home>")).toMatchFileSnapshot(`./snapshots/${name}.txt`);
    expect(exitCode).toBe(0);
  });
});
