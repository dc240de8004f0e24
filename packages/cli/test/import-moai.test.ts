/** `import moai` and `--group-by spec` as a person types them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const SESSION = "eb48af2e-79c3-46e9-aef8-1722a7dd74f2";

function write(home: string, path: string, content: unknown): void {
  const file = join(home, ".moai", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

describe("import moai", () => {
  it("maps sessions to SPECs, by which agents and models are grouped from then on", async () => {
    const home = homeWithTranscripts();
    const entry = { session_id: SESSION, spec_id: "SPEC-AUTH-001", phase: "run", started_at: "2026-11-22T07:37:34Z" };
    write(home, "state/active-sessions.json", [entry]);
    const { stdout, stderr, exitCode } = await runHere(home, ["import", "moai"]);
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(stdout).toBe(`MoAI: ${home}\n  active sessions: 1 entries in 1 files, 0 new, 1 added to known ones\n`);
    const grouped = await runHere(home, ["agent", "--group-by", "spec,model", "--json"]);
    const { agent: rows, totals } = JSON.parse(grouped.stdout);
    const named = rows.map((row: Record<string, unknown>) => [
      row["agent"],
      row["spec"],
      row["model"],
      row["totalTokens"],
    ]);
    expect(named).toEqual([
      ["expert-backend", "SPEC-AUTH-001", "claude-sonnet-4-5", 12_225],
      ["main", "SPEC-AUTH-001", "claude-sonnet-4-5", 4_890],
    ]);
    expect(totals.totalTokens).toBe(17_115);
    const bySpec = JSON.parse((await runHere(home, ["agent", "--group-by", "spec", "--json"])).stdout);
    expect(bySpec.agent[0]).toMatchObject({ agent: "expert-backend", spec: "SPEC-AUTH-001", tasksCompleted: 1 });
    expect((await runHere(home, ["project", "--group-by", "spec"])).stdout).toContain("SPEC-AUTH-001");
    expect((await runHere(home, ["daily", "--group-by", "spec"])).stderr).toContain("product, project, agent, model");
    expect((await runHere(home, ["agent", "--group-by", "phase"])).stderr).toContain("model, spec");
  });

  it("writes the reports of the days that it found", async () => {
    const home = temporaryHome();
    const task = { task_id: "task-001", agent: "expert-backend", result: "success", duration_ms: 900, tokens: 25_000 };
    write(home, "metrics/2026-11-12.json", { tasks: [{ ...task, timestamp: "2026-11-12T07:00:00Z" }] });
    expect((await runHere(home, ["import", "moai", "--path", home])).exitCode).toBe(0);
    const report = join(home, ".local/share/moai-metrics/reports/daily/2026-11-12.json");
    expect(JSON.parse(readFileSync(report, "utf8")).daily_report.summary).toMatchObject({ tasks_completed: 1 });
  });

  it("gives an account of what it found, in the folder that is named, and of what it could not use", async () => {
    const home = temporaryHome();
    const task = { task_id: "task-001", agent: "expert-backend", result: "success", duration_ms: 900, tokens: 25_000 };
    write(home, "metrics/2026-11-22.json", { tasks: [{ ...task, timestamp: "2026-11-22T07:00:00Z" }, task] });
    write(home, "metrics/2026-11-21.json", "");
    const { stdout } = await runHere(home, ["import", "moai", "--path", home]);
    expect(stdout).toBe(
      [
        `MoAI: ${home}`,
        "  day files of the first hook: 2 entries in 1 files, 2 new, 0 added to known ones",
        "  not taken over:",
        "    1  task without a time",
        `  cannot be read (not JSON): ${home}/.moai/metrics/2026-11-21.json`,
        "",
      ].join("\n"),
    );
    const json = JSON.parse((await runHere(home, ["import", "moai", "--json"])).stdout);
    expect(json.import[0]).toMatchObject({ project: home, skipped: { "task without a time": 1 } });
    const { stdout: table } = await runHere(home, ["task"]);
    expect((await runHere(home, ["task", "--csv"])).stdout).toContain(",task-001,reported by hook,25000");
    expect(table).not.toContain("$");
    expect(table).toContain("25,000 tokens in the total are reported by a hook only: no parts, no cost.");
  });

  it("says where to look when there is nothing", async () => {
    const home = temporaryHome();
    expect((await runHere(home, ["import", "moai"])).stdout).toContain("No known project has a .moai folder.");
    mkdirSync(join(home, ".moai"));
    expect((await runHere(home, ["import", "moai"])).stdout).toContain("nothing to import");
    expect((await runHere(home, ["import", "moai", "--path", "nowhere"])).stderr).toContain("there is no .moai folder");
  });
});
