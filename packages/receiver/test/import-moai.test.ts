/** What MoAI-ADK and the PRD's first hook left in a project, imported into a real store. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { importMoai } from "../src/import-moai.ts";

const SESSION = "68fdc108-0000-4000-8000-000000000000";
const OTHER = "9b68bae7-b26f-4d1c-bad0-fb800ff626f6";
const NOON = "2026-11-22T12:00:00Z";
const NOON_MILLIS = Date.parse(NOON);

function place(): { readonly project: string; readonly store: Store; write(path: string, content: unknown): void } {
  const project = mkdtempSync(join(tmpdir(), "moai-"));
  const store = openStore({ path: join(project, "data", "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(project, { recursive: true, force: true });
  });
  const write = (path: string, content: unknown): void => {
    const file = join(project, ".moai", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  };
  return { project, store, write };
}

const kindOf = (store: Store, project: string, kind: string) => {
  const outcome = importMoai(store, project);
  return { ...outcome.kinds.find((each) => each.kind === kind), skipped: Object.fromEntries(outcome.skipped) };
};

/** A call of 100 tokens in the session at noon. */
const CALL: Fact[] = [
  {
    kind: "model_call",
    witness: "transcript",
    product: "claude-code",
    sessionId: SESSION,
    taskId: "run",
    requestId: "r1",
    endedAtMillis: NOON_MILLIS - 1_000,
    model: "claude-sonnet-4-5",
    usage: { input: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 },
  },
  { kind: "task", witness: "transcript", product: "claude-code", sessionId: SESSION, taskId: "run", agent: "main" },
];

describe("day files of the PRD's hook", () => {
  const TASK = {
    task_id: "task-001",
    agent: "expert-backend",
    result: "success",
    duration_ms: 90_000,
    tokens: 25_000,
    timestamp: NOON,
  };

  it("are tasks with tokens and durations, each once however often it is imported", () => {
    const { project, store, write } = place();
    write("metrics/2026-11-22.json", { tasks: [TASK, TASK, { ...TASK, result: "partial" }, { agent: "x" }, 7] });
    const first = kindOf(store, project, "day files of the first hook");
    expect(first).toMatchObject({ files: 1, entries: 5 });
    expect(first.skipped).toEqual({
      "task without a time": 1,
      "entry that is no object": 1,
      "result is none of success, failure, timeout, cancelled: unknown": 1,
    });
    expect(kindOf(store, project, "day files of the first hook")).toMatchObject({ inserted: 0, changed: 0 });
    expect(store.ledger.usage({ by: ["agent"] })).toMatchObject([
      { agent: "expert-backend", tokens: { undivided: 75_000 }, tasksByResult: { success: 2, unknown: 1 } },
    ]);
    expect(store.ledger.tasks({})[0]).toMatchObject({ project, report: { name: "task-001" }, durationMillis: 90_000 });
  });

  it("that are broken are told, and do not keep the others back", () => {
    const { project, store, write } = place();
    write("metrics/2026-11-21.json", "");
    write("metrics/2026-11-22.json", { tasks: [TASK] });
    write("metrics/config.json", { metrics: {} });
    const { failures, kinds } = importMoai(store, project);
    expect(failures).toEqual([{ path: join(project, ".moai", "metrics", "2026-11-21.json"), code: "not JSON" }]);
    expect(kinds[0]).toMatchObject({ files: 1, inserted: 2 });
  });
});

describe("task-metrics.jsonl", () => {
  const LINE = { timestamp: NOON, session_id: SESSION, tool_name: "Agent", tokens_used: 4_000, duration_seconds: 30 };

  it("counts where the session's transcript is gone, and nowhere else", () => {
    const { project, store, write } = place();
    write("logs/task-metrics.jsonl", `${JSON.stringify(LINE)}\n{"broken\n${JSON.stringify({ timestamp: NOON })}\n`);
    const { skipped } = kindOf(store, project, "task metrics");
    expect(skipped).toEqual({ "entry that is no object": 1, "task without a time or a session": 1 });
    expect(store.ledger.usage({})).toMatchObject([{ tokens: { undivided: 4_000 }, taskMillis: 30_000 }]);
    store.write({ facts: CALL });
    const [usage] = store.ledger.usage({});
    expect(usage?.tokens).toEqual({
      input: 100,
      cacheRead: 0,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      output: 0,
      reasoning: 0,
    });
  });
});

describe("token-accounting.jsonl", () => {
  it("is shown and never summed, because its sums repeat lines", () => {
    const { project, store, write } = place();
    const part = { input_tokens: 10, cache_creation_tokens: 20, cache_read_tokens: 30, output_tokens: 40 };
    const record = { session_id: SESSION, recorded_at: NOON, card: "t3", role: "lead" };
    const models = { "claude-opus-5-5": { main: part, subagent: part }, "glm-5": { main: part } };
    write(
      "state/token-accounting.jsonl",
      [{ ...record, models }, record].map((each) => JSON.stringify(each)).join("\n"),
    );
    const { skipped } = kindOf(store, project, "token accounting");
    expect(skipped).toEqual({ "record without a time, a session or models": 1 });
    const [task] = store.ledger.tasks({});
    expect(task).toMatchObject({ agent: "lead", report: { name: "t3", tokens: 300, isCounted: false } });
    expect(store.ledger.usage({})[0]?.tokens.undivided).toBeUndefined();
    expect(kindOf(store, project, "token accounting")).toMatchObject({ inserted: 0, changed: 0 });
    expect(store.check().isSound).toBe(true);
  });
});

describe("verify snapshots", () => {
  it("are coverage, tests and errors of the project", () => {
    const { project, store, write } = place();
    const check = { command: "go test ./... --token sk-secret", recorded_at: NOON };
    write("state/verify/snapshots/a.json", {
      checks: [
        { ...check, check_id: "tests", conditions: { tests_pass: true, coverage_actual: 87.5 } },
        { ...check, check_id: "lint", conditions: { error_count: 3, tests_pass: false, coverage_actual: 120 } },
        { ...check, check_id: "build" },
        { ...check, check_id: "a secret name" },
      ],
    });
    const { skipped } = kindOf(store, project, "verification");
    expect(skipped).toEqual({ "check without figures": 1, "check without a time or a name": 1 });
    const rows = store.ledger
      .quality({})
      .map(({ measure, benchmark, tool, score }) => [measure, benchmark, tool, score]);
    expect(rows.toSorted()).toEqual([
      ["benchmark_score", "errors", "moai verify lint", 3],
      ["benchmark_score", "tests pass", "moai verify lint", 0],
      ["benchmark_score", "tests pass", "moai verify tests", 1],
      ["test_coverage", "", "moai verify tests", 0.875],
    ]);
  });
});

describe("sessions and SPECs", () => {
  it("are joined by active sessions and by what the progress of a SPEC names", () => {
    const { project, store, write } = place();
    store.write({
      facts: [...CALL, ...CALL.map((fact) => ({ ...fact, sessionId: OTHER, requestId: "r2", taskId: "t2" }) as Fact)],
    });
    write("state/active-sessions.json", [
      {
        session_id: SESSION,
        spec_id: "SPEC-AUTH-001",
        phase: "run",
        started_at: NOON,
        last_heartbeat: NOON,
        cwd: project,
      },
      { session_id: "s9", spec_id: "(none)", phase: "(none)", started_at: NOON },
    ]);
    const unseen = "11111111-0000-4000-8000-000000000000";
    write(
      "specs/SPEC-TOKEN-ACCOUNTING-001/progress.md",
      `- source_session_id: ${OTHER}\nsource_session_id: "${unseen}"\n`,
    );
    write("specs/SPEC-odd/progress.md", `source_session_id: ${OTHER}\n`);
    expect(Object.fromEntries(importMoai(store, project).skipped)).toEqual({
      "session without a SPEC": 1,
      "session of a SPEC that no agent's record tells of": 1,
    });
    const groups = store.ledger.usageBySpec({ by: ["model"] }).filter(({ calls }) => calls > 0);
    expect(groups.map(({ spec, model, calls }) => [spec, model, calls]).toSorted()).toEqual([
      ["SPEC-AUTH-001", "claude-sonnet-4-5", 1],
      ["SPEC-TOKEN-ACCOUNTING-001", "claude-sonnet-4-5", 1],
    ]);
    const [session] = store.query.getSessions({ tags: { "moai.phase": ["run"] } }).rows;
    expect(session).toMatchObject({ sessionId: SESSION, tags: { "moai.spec": "SPEC-AUTH-001" } });
  });
});
