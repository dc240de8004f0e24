import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { runSampleAgent } from "../../sample/sample-agent.ts";

async function runSample() {
  const storage = mkdtempSync(join(tmpdir(), "sample-"));
  await runSampleAgent({ storage });
  const store = openStore({ path: join(storage, "metrics.db") });
  const sessions = store.ledger.sessions({});
  const tasks = store.ledger.tasks({});
  const differences = store.checkRollups();
  store.close();
  return { sessions, tasks, differences };
}

describe("the sample agent", () => {
  it("leaves a session with subagents, tools, files, a failed task and no unknown price", async () => {
    const { sessions, tasks, differences } = await runSample();
    expect(sessions).toMatchObject([
      {
        product: "sample-agent",
        project: "sample-shop",
        calls: 4,
        callErrors: 1,
        unpricedCalls: 0,
        toolCalls: 8,
        toolErrors: 1,
        tasksByResult: { success: 4, failure: 1 },
        openTasks: 0,
        errors: { overloaded_error: 2, ExitCode1: 1 },
      },
    ]);
    expect(tasks.map((task) => `${task.agent} ${task.result}`).toSorted()).toEqual([
      "expert-backend success",
      "expert-frontend failure",
      "expert-frontend success",
      "main success",
      "planner success",
    ]);
    const main = tasks.find((task) => task.agent === "main");
    for (const task of tasks) expect(task.parentTaskId).toBe(task === main ? "" : main?.taskId);
    expect(differences).toEqual([]);
  });

  it("counts the same tokens every time", async () => {
    const [first, second] = [await runSample(), await runSample()];
    expect(first.sessions[0]?.tokens.output).toBeGreaterThan(0);
    expect(second.sessions[0]?.tokens).toEqual(first.sessions[0]?.tokens);
  });
});
