/** What commands print as JSON is what docs/schema says: every key described, every described key of the right kind. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, runBinary } from "../packages/cli/test/support/run-binary.ts";
import { OUTPUT_SCHEMAS, PUBLISHED_SCHEMAS } from "../scripts/schemas/index.ts";

/** The subagent's run in the recorded session. */
const TASK = "agent:af78b6fb22be885ff";
const ON_DAY = ["--date", "2026-11-22", "--format", "json"];
const COMMANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  overview: [["--json"]],
  daily: [
    ["daily", "--json"],
    ["daily", "--json", "--group-by", "project,agent", "--breakdown"],
    ["demo", "daily", "--json"],
  ],
  weekly: [
    ["weekly", "--json"],
    ["weekly", "--json", "-w", "sunday"],
  ],
  monthly: [["monthly", "--json"]],
  session: [
    ["session", "--json"],
    ["demo", "session", "--json"],
    ["report", "sessions", "--format", "json"],
  ],
  task: [
    ["task", "--json"],
    ["demo", "task", "--json"],
    ["report", "tasks", "--format", "json"],
  ],
  agent: [["agent", "--json"]],
  model: [
    ["model", "--json"],
    ["report", "models", "--format", "json"],
  ],
  tool: [
    ["tool", "--json"],
    ["report", "tools", "--format", "json"],
  ],
  project: [
    ["project", "--json"],
    ["report", "projects", "--format", "json"],
  ],
  token_usage: [["report", "tokens", "--session", "eb48", "--format", "json"]],
  task_metrics: [["report", "task", TASK, "--format", "json"]],
  agent_metrics: [
    ["report", "agents", "--format", "json"],
    ["report", "agents", "--format", "json", "--since", "20200101", "--until", "20200102"],
  ],
  daily_report: [
    ["report", "daily", ...ON_DAY],
    ["report", "daily", "--date", "2020-01-01", "--format", "json"],
  ],
  weekly_report: [["report", "weekly", ...ON_DAY]],
  monthly_report: [["report", "monthly", ...ON_DAY]],
  budget: [
    ["budget", "--json"],
    ["budget", "check", "--json"],
  ],
  config_list: [["config", "list", "--json"]],
  config_validate: [["config", "validate", "--json"]],
};

describe("docs/schema", () => {
  it("has a schema for each document, and no other", () => {
    expect(readdirSync("docs/schema").sort()).toEqual(Object.keys(PUBLISHED_SCHEMAS).sort());
    expect(Object.keys(COMMANDS).sort()).toEqual(Object.keys(OUTPUT_SCHEMAS).sort());
  });

  it.each(Object.entries(COMMANDS))("%s is what the commands print", (name, commands) => {
    const home = homeWithTranscripts();
    for (const argv of commands) {
      const { stdout, stderr, exitCode } = runBinary(home, argv);
      expect([argv, exitCode, stderr]).toEqual([argv, 0, ""]);
      const document = JSON.parse(stdout);
      // Keys that the schema does not know would be missing from what comes back.
      expect(OUTPUT_SCHEMAS[name]?.parse(document)).toEqual(document);
    }
  });

  it("notices a key that is not described, and a value of another kind", () => {
    const schema = OUTPUT_SCHEMAS["tool"];
    const totals = { calls: 1, errors: 0, errorRate: 0, durationMs: 5 };
    const document = { tool: [{ tool: "Bash", ...totals, more: 1 }], totals };
    expect(schema?.parse(document)).not.toEqual(document);
    expect(schema?.safeParse({ tool: [], totals: { ...totals, calls: "1" } }).success).toBe(false);
  });
});
