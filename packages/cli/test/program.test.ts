/** Which commands there are. */
import { describe, expect, it } from "vitest";
import { temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

describe("a command line", () => {
  it("is understood by every command that the help lists, each by its own name", async () => {
    const { stdout } = await runHere(temporaryHome(), ["--help"]);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name);
    expect(names).toEqual(expect.arrayContaining(["overview", "daily", "weekly", "agent", "report", "demo", "start"]));
    expect(names.length).toBeGreaterThan(25);
    for (const name of names.filter((each) => each !== "help")) {
      const help = await runHere(temporaryHome(), [name, "--help"]);
      expect([name, help.exitCode, help.stdout.split("\n")[0]]).toEqual([
        name,
        0,
        expect.stringMatching(`^Usage: moai-metrics ${name} `),
      ]);
    }
  });

  it("that names no command is told which one was meant", async () => {
    const { stderr, exitCode } = await runHere(temporaryHome(), ["dayly"]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("Did you mean daily?")]);
  });
});
