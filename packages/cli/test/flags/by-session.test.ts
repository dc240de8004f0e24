/** `--tag`, `--from`, `--group-by` and `--sort`: honoured where rows allow it, else refused with the reason. */
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, NOW, temporaryHome } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";

const MINUTE = 60_000;

/** Two sessions of two teams, each with a task and a tool call. */
function homeWithTeams(): string {
  const home = temporaryHome();
  const store = openStore({ path: databasePath(join(home, ".local", "share", "moai-metrics")) });
  for (const [i, team] of ["core", "web"].entries()) {
    const base = { witness: "process", product: "p", sessionId: `s-${team}` } as const;
    const atMillis = NOW - (i + 1) * MINUTE;
    const facts: Fact[] = [
      {
        ...base,
        kind: "session",
        project: "/p/shop",
        tags: { team },
        activity: [{ startMillis: atMillis, endMillis: atMillis }],
      },
      {
        ...base,
        kind: "task",
        taskId: `t-${team}`,
        agent: team,
        startedAtMillis: atMillis - (i + 1) * 1_000,
        outcome: { result: "success", origin: "reported", atMillis },
      },
      {
        ...base,
        kind: "tool_call",
        taskId: `t-${team}`,
        callId: `c-${team}`,
        tool: `Tool-${team}`,
        startedAtMillis: atMillis,
        isSuccess: true,
      },
    ];
    store.write({ facts });
  }
  store.close();
  return home;
}

describe("--tag", () => {
  it.each([
    ["session", "sessionId", ["s-core"]],
    ["task", "taskId", ["t-core"]],
    ["tool", "tool", ["Tool-core"]],
  ])("chooses sessions for %s", async (command, field, wanted) => {
    const home = homeWithTeams();
    const { stdout } = await runHere(home, [command, "--tag", "team=core", "--json"]);
    expect(JSON.parse(stdout)[command].map((row: Record<string, string>) => row[field])).toEqual(wanted);
    const report = await runHere(home, ["report", `${command}s`, "--tag", "team=core", "-f", "json"]);
    expect(JSON.parse(report.stdout)).toEqual(JSON.parse(stdout));
  });

  it("is about nothing when no session has it", async () => {
    const { stdout } = await runHere(homeWithTeams(), ["session", "--tag", "team=nobody", "--json"]);
    expect(JSON.parse(stdout).session).toEqual([]);
  });

  it.each([["daily"], ["agent"], ["overview"], ["report", "weekly"], ["report", "models"], ["report", "agents"]])(
    "is refused by %s %s, which has no sessions",
    async (...command) => {
      const { stderr, exitCode } = await runHere(temporaryHome(), [...command, "--tag", "team=core"]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining("session, task, tool and query take --tag")]);
    },
  );
});

describe("--from", () => {
  it.each([
    ...[["overview"], ["session"], ["task"], ["tool"], ["quality"], ["reconcile"], ["budget"], ["budget", "check"]],
    ...[
      ["query", "getSummary"],
      ["report", "sessions"],
      ["report", "tasks"],
      ["report", "models"],
    ],
    ...[
      ["report", "quality"],
      ["report", "task", "t-core"],
      ["report", "tokens", "--session", "s-core"],
    ],
  ])("is refused by %s %s, which only the ledger answers", async (...command) => {
    const { stderr, exitCode } = await runHere(temporaryHome(), [...command, "--from", "http://127.0.0.1:9"]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("only the ledger answers this")]);
  });
});

describe("--group-by", () => {
  it.each([
    [["session"], "Rows are single things here"],
    [["tool"], "Rows are single things here"],
    [["report", "daily"], "A report groups by one thing"],
    [["report", "projects"], "A report groups by one thing"],
  ])("is refused by %j with the reason", async (command, reason) => {
    const { stderr, exitCode } = await runHere(temporaryHome(), [...command, "--group-by", "agent"]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(reason)]);
  });

  it.each([["agent,model"], ["project,agent"], ["product,project,agent,model"]])(
    "by %s fits the screen and keeps the sums",
    async (dimensions) => {
      const { stdout } = await runHere(homeWithTranscripts(), ["daily", "--group-by", dimensions]);
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
      expect(stdout.split("\n")[0]).toMatch(/^Day .* Total +Cost$/);
    },
  );
});

describe("--sort", () => {
  it("orders the rows of reports", async () => {
    const home = homeWithTeams();
    const tasks = async (...flags: string[]) =>
      JSON.parse((await runHere(home, ["report", "tasks", "-f", "json", ...flags])).stdout).task.map(
        ({ taskId }: { taskId: string }) => taskId,
      );
    expect(await tasks("--sort", "durationMs")).toEqual(["t-web", "t-core"]);
    expect(await tasks("--sort", "durationMs", "-o", "asc")).toEqual(["t-core", "t-web"]);
    const { stdout } = await runHere(home, ["report", "agents", "-f", "csv", "--sort", "averageDurationMs"]);
    expect(stdout.split("\n").map((line) => line.split(",")[0])).toEqual(["agent", "web", "core", ""]);
  });

  it("names the columns that there are", async () => {
    const { stderr, exitCode } = await runHere(homeWithTeams(), ["report", "models", "--sort", "nope"]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("Columns: model, calls")]);
  });
});
