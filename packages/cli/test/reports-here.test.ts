/** Reports and files of the store inside the test's own process, in every form. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, moveTranscripts, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const SESSION = "eb48af2e-79c3-46e9-aef8-1722a7dd74f2";
const TASK = "agent:af78b6fb22be885ff";
const FORMATS = ["table", "json", "csv", "md", "html"] as const;

describe.each(FORMATS)("as %s", (format) => {
  it.each([
    ["tokens", "--session", "eb48"],
    ["task", TASK],
    ["agents"],
    ["sessions"],
    ["tasks"],
    ["models"],
    ["tools"],
    ["projects"],
    ["daily", "--date", "2026-11-22"],
    ["weekly", "--date", "2026-11-22"],
    ["monthly", "--date", "2026-11-22"],
  ])("report %s is printed, and the same is written into a file", async (...kind) => {
    const home = homeWithTranscripts();
    const printed = await runHere(home, ["report", ...kind, "--format", format]);
    expect([printed.stderr, printed.exitCode]).toEqual(["", 0]);
    expect(printed.stdout.length).toBeGreaterThan(40);
    const file = join(home, "report.txt");
    const written = await runHere(home, ["report", ...kind, "--format", format, "--out", file]);
    expect(written.exitCode).toBe(0);
    expect(readFileSync(file, "utf8").trimEnd()).toBe(printed.stdout.trimEnd());
  });
});

describe("a model without a price", () => {
  it.each([
    ["report tokens --session eb48"],
    [`report task ${TASK}`],
    ["report agents"],
    ["report sessions"],
    ["report tasks"],
    ["report models"],
    ["report projects"],
    ["report daily --date 2026-11-22"],
    ["session eb48"],
  ])("is named under %s, as under the rows", async (line) => {
    const home = homeWithTranscripts();
    moveTranscripts(home, "house-model", "claude-sonnet-4-5");
    const { stdout } = await runHere(home, line.split(" "));
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("No list price known for house-model: left out of the cost.");
  });
});

describe("a report of what is not there", () => {
  it.each([
    [["report", "tokens", "--session", "nope"], "nope"],
    [["report", "task", "nope"], "nope"],
  ])("%j says so and fails", async (argv, named) => {
    const { stderr, exitCode } = await runHere(homeWithTranscripts(), argv);
    expect(stderr).toContain(named);
    expect(exitCode).toBe(1);
  });

  it("is not confused with one that is", async () => {
    const { stdout } = await runHere(homeWithTranscripts(), ["report", "task", TASK, "--format", "json"]);
    expect(JSON.parse(stdout).task_metrics).toMatchObject({ task_id: TASK, agent: "expert-backend" });
    const session = await runHere(homeWithTranscripts(), ["report", "tokens", "--session", SESSION, "--json"]);
    expect(JSON.parse(session.stdout).token_usage.total_tokens).toBe(17_115);
  });
});

describe("the file itself", () => {
  it.each(["stats", "check", "vacuum", "rebuild", "backup", "salvage"])(
    "db %s speaks to people and to programs",
    async (command) => {
      const home = homeWithTranscripts();
      await runHere(home, ["import"]);
      const told = await runHere(home, ["db", command]);
      expect([told.exitCode, told.stdout.length > 20]).toEqual([0, true]);
      const other = homeWithTranscripts();
      await runHere(other, ["import"]);
      const json = await runHere(other, ["db", command, "--json"]);
      expect(Object.keys(JSON.parse(json.stdout)).length).toBeGreaterThan(0);
    },
  );
});

describe("serve", () => {
  it.each([
    [["serve", "--port", "abc"], {}, "abc", 2],
    [["serve", "--port", "70000"], {}, "70000", 2],
    [["serve"], { MOAI_METRICS_DISABLED: "1" }, "MOAI_METRICS_DISABLED is set", 1],
    [["serve", "--host", "192.0.2.1", "--port", "0"], {}, "192.0.2.1", undefined],
  ] as const)("%j does not start and says why", async (argv, variables, named, code) => {
    const { stderr, exitCode } = await runHere(temporaryHome(), argv, { variables });
    expect(stderr).toContain(named);
    if (code === undefined) expect(exitCode).not.toBe(0);
    else expect(exitCode).toBe(code);
  });
});

describe("a report without a day of its own", () => {
  it.each([
    [["daily"]],
    [["daily", "--date", "1d"]],
    [["weekly"]],
    [["weekly", "--date", "3d", "-w", "sunday"]],
    [["monthly"]],
    [["agents", "--since", "2026-11-20"]],
    [["agents", "--since", "2026-11-20", "--until", "2026-11-22"]],
    [["agents", "--last", "2"]],
    [["sessions", "--sort", "totalTokens", "--order", "asc"]],
    [["tasks", "--sort", "durationMs"]],
  ])("%j is about a day of now, with and without data", async (kind) => {
    for (const home of [homeWithTranscripts(), temporaryHome()]) {
      for (const format of ["table", "json", "html"]) {
        const { exitCode, stderr } = await runHere(home, ["report", ...kind, "--format", format]);
        expect([exitCode, stderr]).toEqual([0, ""]);
      }
    }
  });

  it("is refused for a column that it has not", async () => {
    const { exitCode, stderr } = await runHere(homeWithTranscripts(), ["report", "tasks", "--sort", "beauty"]);
    expect([exitCode, stderr.includes("beauty")]).toEqual([2, true]);
  });
});

describe("a damaged store", () => {
  it("is told by the check and salvaged, for people and for programs", async () => {
    for (const flags of [[], ["--json"]]) {
      const home = homeWithTranscripts();
      await runHere(home, ["import"]);
      const path = join(home, ".local", "share", "moai-metrics", "metrics.db");
      const bytes = readFileSync(path);
      for (let at = 4096 * 3; at < bytes.length; at += 4096 * 3) bytes.fill(0x5a, at, at + 4096);
      writeFileSync(path, bytes);
      const checked = await runHere(home, ["db", "check", ...flags]);
      expect(checked.exitCode).not.toBe(0);
      const salvaged = await runHere(home, ["db", "salvage", ...flags]);
      expect([salvaged.exitCode, `${salvaged.stdout}${salvaged.stderr}`.length > 20]).toEqual([0, true]);
    }
  });
});

describe("a port that is taken", () => {
  it("is named by serve, with another one to try", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { stderr, exitCode } = await runHere(temporaryHome(), ["serve", "--port", String(port)]);
    server.close();
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`Port ${port} of 127.0.0.1 is in use`)]);
  });
});

describe("an empty store", () => {
  it("has its figures told as none, and its clean-up when there was one", async () => {
    const home = temporaryHome();
    await runHere(home, ["import"]);
    expect((await runHere(home, ["db", "stats"])).stdout).toContain("a model call takes - (there is none)");
    await runHere(home, ["db", "vacuum"]);
    expect((await runHere(home, ["db", "stats"])).stdout).toContain("last clean-up: 20");
  });
});

describe("budgets that do not hold", () => {
  it("are counted and named by the check, one or several, on the screen of a demo as well", async () => {
    const budget = (name: string) => ({ name, per: "day", max_tokens: 1 });
    for (const budgets of [[budget("one")], [budget("one"), { ...budget("two"), max_usd: 0.001 }]]) {
      const home = homeWithTranscripts();
      mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
      writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics: { budgets } }));
      const { exitCode, stderr } = await runHere(home, ["budget", "check"]);
      expect([exitCode, stderr]).toEqual([
        3,
        expect.stringContaining(`${budgets.length} of ${budgets.length} budgets`),
      ]);
      expect((await runHere(home, ["demo", "budget"])).exitCode).toBe(0);
      expect((await runHere(home, ["report", "daily", "--date", "2026-11-22"])).stdout).toContain("one");
    }
  });
});
