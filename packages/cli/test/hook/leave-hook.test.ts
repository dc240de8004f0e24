/** `hook` in Node: the same files as the shell scripts leave, and silence whatever happens. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isLeftHook, leaveHook } from "../../src/hook/leave-hook.ts";
import { runHook } from "../../src/hook/run-hook.ts";
import { runBinary, temporaryHome } from "../support/run-binary.ts";

const HOOKS = fileURLToPath(new URL("../../hooks", import.meta.url));
const RECORDED = readFileSync(
  new URL("../../../agents/test/fixtures/claude-code-otlp/subagent-hooks.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n");

function temporaryStorage(): string {
  const folder = mkdtempSync(join(tmpdir(), "leave-hook-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const filesIn = (storage: string): unknown[] =>
  readdirSync(join(storage, "spool")).map((name) => JSON.parse(readFileSync(join(storage, "spool", name), "utf8")));

function leave(storage: string, argv: readonly string[], payload = "", more: Record<string, string> = {}): void {
  const variables = { MOAI_METRICS_STORAGE: storage, ...more };
  leaveHook({ argv, variables, workingFolder: "/home/dev/shop", read: () => payload });
}

describe("hook", () => {
  it.skipIf(process.platform === "win32")("leaves what the shell script leaves, of every recorded payload", () => {
    const [byNode, byShell] = [temporaryStorage(), temporaryStorage()];
    const completed = { session_id: "s", hook_event_name: "TaskCompleted", task_id: "3", task_subject: "secret" };
    const payloads = [...RECORDED, JSON.stringify({ ...completed, teammate_name: "tester", team_name: "t" })];
    for (const payload of payloads) {
      leave(byNode, [], payload);
      const env = { PATH: process.env["PATH"], MOAI_METRICS_STORAGE: byShell };
      expect(spawnSync("sh", [join(HOOKS, "claude-code.sh")], { input: payload, env }).status).toBe(0);
    }
    const sorted = (storage: string) =>
      filesIn(storage)
        .map((file) => JSON.stringify(file, sortedKeys))
        .toSorted();
    expect(sorted(byNode)).toHaveLength(payloads.length);
    expect(sorted(byNode)).toEqual(sorted(byShell));
    expect(sorted(byNode).join()).not.toMatch(/DELEGATE|MAKE-ERROR|made\.txt|exit 3|stand-in|secret/);
    const [name = ""] = readdirSync(join(byNode, "spool"));
    expect(statSync(join(byNode, "spool", name)).mode & 0o777).toBe(0o600);
  });

  it.skipIf(process.platform === "win32")("post-task leaves what metrics-post-task.sh leaves", () => {
    const values = ['task "1"\\', "expert-backend", "success", "900", "25,000"];
    const [byNode, byShell] = [temporaryStorage(), temporaryStorage()];
    const known = { CLAUDE_PROJECT_DIR: "/home/dev/shop", CODEX_THREAD_ID: "s1" };
    leave(byNode, ["post-task", ...values], "", known);
    const env = { PATH: process.env["PATH"], MOAI_METRICS_STORAGE: byShell, ...known };
    spawnSync("sh", [join(HOOKS, "metrics-post-task.sh"), ...values], { env });
    const withoutId = ([file]: unknown[]) => ({ ...(file as object), id: "" });
    expect(withoutId(filesIn(byNode))).toEqual(withoutId(filesIn(byShell)));
  });

  it.each([
    [
      "claude-code",
      { hook_event_name: "Stop", prompt_id: "p", transcript_path: "/home/dev/.claude/projects/a/b.jsonl" },
    ],
    ["codex", { hook_event_name: "Stop", turn_id: "t" }],
    ["codex", { hook_event_name: "SessionStart", transcript_path: "/home/dev/.codex/sessions/rollout-1.jsonl" }],
    ["gemini-cli", { hook_event_name: "AfterTool", tool_name: "read_file" }],
    ["gemini-cli", { hook_event_name: "SessionStart", transcript_path: "/home/dev/.gemini/tmp/1/chats/c.json" }],
  ])("finds out that a payload is of %s, and may be told", (product, fields) => {
    const storage = temporaryStorage();
    const payload = JSON.stringify({ session_id: "s", cwd: "/home/dev", ...fields });
    leave(storage, [], payload);
    leave(storage, ["gemini-cli"], payload);
    expect(filesIn(storage)).toContainEqual(expect.objectContaining({ product, session_id: "s" }));
    expect(filesIn(storage)).toContainEqual({
      product: "gemini-cli",
      session_id: "s",
      cwd: "/home/dev",
      hook_event_name: fields.hook_event_name,
    });
  });

  it("keeps no text of an error, nothing overlong and nothing that is no text or number", () => {
    const storage = temporaryStorage();
    const odd = { error: "Bad request: sk-secret", cwd: "x".repeat(5_000), agent_type: { a: 1 }, prompt: "secret" };
    leave(storage, ["claude-code"], JSON.stringify({ session_id: "s", hook_event_name: "StopFailure", ...odd }));
    expect(filesIn(storage)).toEqual([{ product: "claude-code", session_id: "s", hook_event_name: "StopFailure" }]);
  });

  it("leaves nothing and says nothing for what is no payload, when switched off, or where it cannot write", () => {
    const storage = temporaryStorage();
    for (const payload of ["", "{", "[]", "null", "7"]) leave(storage, [], payload);
    leave(storage, [], RECORDED[0], { MOAI_METRICS_DISABLED: "1" });
    expect(readdirSync(storage)).toEqual([]);
    writeFileSync(join(storage, "file"), "");
    leave(join(storage, "file"), [], RECORDED[0]);
    mkdirSync(join(storage, "spool"));
    leave(storage, ["post-task"]);
    expect(filesIn(storage)).toMatchObject([{ task_id: "", result: "", tokens: "", cwd: "/home/dev/shop" }]);
  });

  it("is these forms, and no others", () => {
    for (const argv of [[], ["codex"], ["post-task", "t"]]) expect(isLeftHook(argv)).toBe(true);
    for (const argv of [["budget"], ["nonsense"]]) expect(isLeftHook(argv)).toBe(false);
    const storage = temporaryStorage();
    vi.stubEnv("MOAI_METRICS_STORAGE", storage);
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const argv of [["budget"], ["codex", "--help"], ["post-task", "-h"]]) expect(runHook(argv)).toBe(false);
    expect(readdirSync(storage)).toEqual([]);
    expect(runHook(["post-task", "t"])).toBe(true);
    expect(filesIn(storage)).toMatchObject([{ task_id: "t", cwd: process.cwd() }]);
  });

  it("ends with 0 and prints nothing as a process of its own; another form is told what there is", () => {
    const home = temporaryHome();
    expect(runBinary(home, ["hook", "post-task", "t"])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
    expect(filesIn(join(home, ".local", "share", "moai-metrics"))).toHaveLength(1);
    expect(runBinary(home, ["hook"])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
    expect(runBinary(home, ["hook", "--help"]).stdout).toContain("post-task");
    expect(runBinary(home, ["hook", "nonsense"]).exitCode).toBe(2);
  });
});

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
