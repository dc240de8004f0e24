/** Claude Code's hooks of the type `http`. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { drainHooks } from "../../src/index.ts";
import { JSON_TYPE, PROTOBUF, startReceiver } from "../support/receiver.ts";

const PATH = "/v1/hooks/claude-code";
const SCRIPT = fileURLToPath(new URL("../../../cli/hooks/claude-code.sh", import.meta.url));
const RECORDED = readFileSync(
  new URL("../../../agents/test/fixtures/claude-code-otlp/subagent-hooks.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n");

describe(`POST ${PATH}`, () => {
  it("answers an empty decision when the facts are on disk, and counts", async () => {
    const { post, read } = await startReceiver();
    for (const body of RECORDED) {
      const reply = await post(PATH, { headers: JSON_TYPE, body });
      expect([reply.status, reply.headers["content-type"], reply.body.toString()]).toEqual([
        200,
        "application/json",
        "{}",
      ]);
    }
    const tasks = read((store) => store.ledger.tasks({}));
    expect(tasks.map(({ agent, result }) => [agent, result]).toSorted()).toEqual([
      ["expert-backend", "success"],
      ["main", "success"],
    ]);
    expect(read((store) => store.ledger.usage({})[0])).toMatchObject({ toolCalls: 5, toolErrors: 1, calls: 0 });
    const notice = JSON.stringify({ session_id: "s", hook_event_name: "Notification", message: "secret" });
    expect((await post(PATH, { headers: JSON_TYPE, body: notice })).body.toString()).toBe("{}");
    const metrics = (await post("/metrics", { method: "GET" })).body.toString();
    const seen = RECORDED.length;
    expect(metrics).toMatch(new RegExp(`items_received[^\\n]*signal="hooks"[^\\n]*\\} ${seen + 1}\\b`));
    expect(metrics).toMatch(new RegExp(`items_stored[^\\n]*signal="hooks"[^\\n]*\\} ${seen}\\b`));
    expect(metrics).toMatch(/items_passed_over[^\n]*hook without figures: Notification/);
    expect(metrics).toMatch(new RegExp(`requests[^\\n]*path="${PATH}"[^\\n]*status="200"[^\\n]*\\} ${seen + 1}\\b`));
    expect(metrics).not.toContain("secret");
  });

  it.skipIf(process.platform === "win32")("adds nothing to what the script leaves of the same run", async () => {
    const { post, storage, stop } = await startReceiver();
    for (const body of RECORDED) {
      await post(PATH, { headers: JSON_TYPE, body });
      spawnSync("sh", [SCRIPT], { input: body, env: { PATH: process.env["PATH"], MOAI_METRICS_STORAGE: storage } });
    }
    await stop();
    using store = openStore({ path: databasePath(storage) });
    const before = store.ledger.usage({})[0];
    expect(drainHooks(store, [join(storage, "spool")]).filesDrained).toBe(RECORDED.length);
    expect(store.ledger.usage({})[0]).toMatchObject({
      tasksByResult: before?.tasksByResult,
      toolCalls: 5,
      toolErrors: 1,
    });
    expect(store.ledger.tasks({})).toHaveLength(2);
  });

  it("is guarded as everything else: host, origin, token, type, size", async () => {
    const { post } = await startReceiver({ token: "t0ken", limits: { maxBodyBytes: 1000 } });
    const authorized = { ...JSON_TYPE, Authorization: "Bearer t0ken" };
    const [body = ""] = RECORDED;
    const statusOf = async (headers: Record<string, string>, sent: string = body, method = "POST") =>
      (await post(PATH, { headers, body: sent, method })).status;
    expect(await statusOf(authorized)).toBe(200);
    expect(await statusOf(JSON_TYPE)).toBe(401);
    expect(await statusOf({ ...authorized, Host: "evil.example" })).toBe(403);
    expect(await statusOf({ ...authorized, Origin: "https://evil.example" })).toBe(403);
    expect(await statusOf({ ...authorized, ...PROTOBUF })).toBe(415);
    expect(await statusOf(authorized, "x".repeat(2000))).toBe(413);
    expect(await statusOf(authorized, "", "GET")).toBe(405);
    for (const broken of ["", "{", "[]", "null", "7", '"text"', "\u00ff{}"]) {
      expect([broken, await statusOf(authorized, broken)]).toEqual([broken, 400]);
    }
  });

  it("takes a payload of a task list's item, and nothing that only files carry", async () => {
    const { post, read } = await startReceiver();
    const done = { session_id: "s", hook_event_name: "TaskCompleted", task_id: "3", task_subject: "secret" };
    const forged = { hook_event_name: "PostTask", task_id: "x", tokens: "1000000", product: "codex" };
    for (const body of [done, forged]) {
      expect((await post(PATH, { headers: JSON_TYPE, body: JSON.stringify(body) })).status).toBe(200);
    }
    expect(read((store) => store.ledger.tasks({}))).toMatchObject([{ report: { name: "3" }, result: "success" }]);
  });
});
