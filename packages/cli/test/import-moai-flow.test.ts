/** `import moai-flow` as a person types it. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

function homeWithSwarm(rows = ""): string {
  const home = temporaryHome();
  mkdirSync(join(home, ".swarm"));
  const database = new DatabaseSync(join(home, ".swarm", "metrics.db"));
  database.exec(`
    CREATE TABLE task_metrics (task_id TEXT NOT NULL, agent_id TEXT NOT NULL, duration_ms INTEGER, result TEXT NOT NULL,
      tokens_used INTEGER DEFAULT 0, files_changed INTEGER DEFAULT 0, timestamp DATETIME, PRIMARY KEY (task_id, timestamp));
    CREATE TABLE agent_metrics (metric_id INTEGER PRIMARY KEY AUTOINCREMENT, agent_id TEXT NOT NULL,
      metric_type TEXT NOT NULL, value REAL NOT NULL, metadata TEXT, timestamp DATETIME);
    CREATE TABLE swarm_metrics (metric_id INTEGER PRIMARY KEY AUTOINCREMENT, swarm_id TEXT NOT NULL,
      metric_type TEXT NOT NULL, value REAL NOT NULL, metadata TEXT, timestamp DATETIME);
    INSERT INTO task_metrics VALUES ('task-001', 'expert-backend', 45000, 'success', 15420, 3, '2026-11-22T14:05:09');
    ${rows}`);
  database.close();
  return home;
}

describe("import moai-flow", () => {
  it("takes the file of the folder one stands in, and gives an account", async () => {
    const home = homeWithSwarm();
    const { stdout, stderr, exitCode } = await runHere(home, ["import", "moai-flow", "-z", "Asia/Seoul"]);
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(stdout).toBe(
      [
        `MoAI-Flow: ${home}/.swarm/metrics.db, its local times read as Asia/Seoul`,
        "  1 task row, 0 agent rows, 0 swarm rows",
        "  2 facts: 2 new, 0 added to known ones",
        "  2 points: 2 new, 0 known",
        "  15.4K tokens: totals without model, input or output, so not model calls but the",
        "  metric moai_flow.task.tokens, which is kept as long as data points are",
        "",
      ].join("\n"),
    );
    const tasks = JSON.parse((await runHere(home, ["task", "--json"])).stdout).task;
    expect(tasks).toMatchObject([{ agent: "expert-backend", result: "success" }]);
  });

  it("prints what the guide shows", async () => {
    const home = homeWithSwarm(`
      INSERT INTO task_metrics VALUES
        ('task-002', 'expert-backend', 60000, 'failure', 9000, 0, '2026-11-22T14:07:00'),
        ('task-003', 'manager-tdd', 93000, 'success', 21400, 2, '2026-11-22T14:20:30'),
        ('task-004', 'manager-tdd', 12000, 'partial', 3100, 1, '2026-11-22T14:25:00');
      INSERT INTO agent_metrics (agent_id, metric_type, value, timestamp) VALUES
        ('expert-backend', 'agent_success_rate', 0.5, '2026-11-22T14:10:00');
      INSERT INTO swarm_metrics (swarm_id, metric_type, value, timestamp) VALUES
        ('swarm_001', 'swarm_health', 0.98, '2026-11-22T14:30:00');`);
    const guide = readFileSync(new URL("../../../docs/migration.md", import.meta.url), "utf8");
    for (const argv of [["import", "moai-flow"], ["agent"]]) {
      const { stdout } = await runHere(home, [...argv, "--timezone", "Asia/Seoul"]);
      expect(guide).toContain(stdout.replaceAll(home, "/home/dev/shop"));
    }
  });

  it("names the commonest reasons, all of them with --verbose, and none where there is nothing to say", async () => {
    const home = homeWithSwarm(
      ["partial", "odd", "strange", "weird"]
        .map(
          (result, i) => `INSERT INTO task_metrics VALUES ('t${i}', 'a', 1, '${result}', 0, 0, '2026-11-22T14:05:09');`,
        )
        .join("\n"),
    );
    const brief = await runHere(home, ["import", "moai-flow"]);
    expect(brief.stdout).toContain("not taken over:");
    expect(brief.stdout).toContain("and 1 more reasons (--verbose)");
    const verbose = await runHere(home, ["import", "moai-flow", "--verbose"]);
    for (const result of ["partial", "odd", "strange", "weird"]) expect(verbose.stdout).toContain(`"${result}"`);
  });

  it("answers in JSON", async () => {
    const home = homeWithSwarm();
    const { stdout } = await runHere(home, ["import", "moai-flow", "--json", "--path", ".swarm/metrics.db"]);
    expect(JSON.parse(stdout).import).toMatchObject([
      { product: "moai-flow", timeZone: "UTC", rows: { tasks: 1 }, tokens: 15_420, skipped: {} },
    ]);
  });

  it("says where there is no file, and collects nothing while collecting is off", async () => {
    const home = temporaryHome();
    const missing = await runHere(home, ["import", "moai-flow"]);
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain(`There is no file ${home}/.swarm/metrics.db. Run this in the project`);
    const off = homeWithSwarm();
    await runHere(off, ["daily"]);
    const { stdout, exitCode } = await runHere(off, ["import", "moai-flow"], {
      variables: { MOAI_METRICS_DISABLED: "1" },
    });
    expect([stdout, exitCode]).toEqual(["", 1]);
  });
});
