import type { TaskFact } from "@moai-metrics/model";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { createTasksReader } from "../../src/tasks/tasks-reader.ts";
import { startReceiver, temporaryFolder } from "../support/receiver.ts";

const AT_MILLIS = 1_790_000_000_000;
const GET = { method: "GET" };

function writeTasks(storage: string): void {
  using store = openStore({ path: databasePath(storage) });
  store.write({
    facts: Array.from(
      { length: 5 },
      (_, i): TaskFact => ({
        kind: "task",
        witness: "transcript",
        product: "claude-code",
        sessionId: "s",
        taskId: `t${i}`,
        taskKind: "prompt",
        agent: i % 2 === 0 ? "main" : "expert-backend",
        startedAtMillis: AT_MILLIS + i * 60_000,
        lastSeenAtMillis: AT_MILLIS + i * 60_000 + 30_000,
        outcome: { result: "success", origin: "reported", atMillis: AT_MILLIS + i * 60_000 + 30_000 },
      }),
    ),
  });
}

interface TasksPage {
  readonly tasks: readonly { readonly taskId: string; readonly agent: string; readonly durationMs?: number }[];
  readonly nextCursor: string | null;
}

describe("GET /v1/tasks", () => {
  it("tells all tasks page by page, newest first", async () => {
    const { post, storage } = await startReceiver();
    writeTasks(storage);
    const ids: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { status, body } = await post(`/v1/tasks?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, GET);
      expect(status).toBe(200);
      const page = JSON.parse(body.toString()) as TasksPage;
      ids.push(...page.tasks.map(({ taskId }) => taskId));
      cursor = page.nextCursor;
    }
    expect(ids).toEqual(["t4", "t3", "t2", "t1", "t0"]);
  });

  it("tells those of an agent and a time", async () => {
    const { post, storage } = await startReceiver();
    writeTasks(storage);
    const { body } = await post(`/v1/tasks?agent=main&from=${AT_MILLIS + 60_000}&to=${AT_MILLIS + 3_600_000}`, GET);
    const { tasks } = JSON.parse(body.toString()) as TasksPage;
    expect(tasks.map(({ taskId }) => taskId)).toEqual(["t4", "t2"]);
    expect(tasks[0]).toMatchObject({ agent: "main", durationMs: 30_000, result: "success", totalTokens: 0 });
  });

  it("says what is wrong with a question, and with a cursor of another one", async () => {
    const { post, storage } = await startReceiver();
    writeTasks(storage);
    expect(await post("/v1/tasks?limit=many", GET)).toMatchObject({ status: 400 });
    const { nextCursor } = JSON.parse((await post("/v1/tasks?limit=2", GET)).body.toString()) as TasksPage;
    const { status, body } = await post(`/v1/tasks?limit=2&agent=main&cursor=${nextCursor}`, GET);
    expect(status).toBe(400);
    expect(body.toString()).toContain("Pass nextCursor of the page before");
  });

  it("asks to come back while the file cannot be read", async () => {
    const { post } = await startReceiver();
    const { status, headers } = await post("/v1/tasks", GET);
    expect(status).toBe(503);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  });

  it("is guarded like the rest", async () => {
    const { post } = await startReceiver({ token: "t".repeat(40) });
    expect(await post("/v1/tasks", GET)).toMatchObject({ status: 401 });
    const authorized = { Authorization: `Bearer ${"t".repeat(40)}` };
    expect(await post("/v1/tasks", { ...GET, headers: { ...authorized, Origin: "http://evil" } })).toMatchObject({
      status: 403,
    });
    expect(await post("/v1/tasks", { ...GET, headers: { ...authorized, Host: "evil" } })).toMatchObject({
      status: 403,
    });
    expect(await post("/v1/tasks", { method: "POST", headers: authorized })).toMatchObject({ status: 405 });
  });

  it("leaves out what the settings keep out of documents", async () => {
    const storage = temporaryFolder();
    writeTasks(storage);
    const reader = createTasksReader({ path: databasePath(storage), hidden: new Set(["durationMs", "endedAt"]) });
    const answer = await reader.read("limit=1");
    await reader.close();
    const [task] = (JSON.parse("body" in answer ? answer.body : "{}") as TasksPage).tasks;
    expect(task).toHaveProperty("taskId", "t4");
    expect(task).not.toHaveProperty("durationMs");
    expect(await reader.read("")).toMatchObject({ state: "unavailable" });
  });
});
