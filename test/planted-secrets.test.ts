/** Two hundred secrets of forty kinds go into everything that is read, and none of them comes out anywhere. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore, writeSpoolFile } from "@moai-metrics/store";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaveHook } from "../packages/cli/src/hook/leave-hook.ts";
import { createHarness } from "./privacy/harness.ts";
import { findSecrets, SECRETS } from "./privacy/secrets.ts";
import { plantTranscripts } from "./privacy/transcripts.ts";

const APPLICATION = fileURLToPath(new URL("./privacy/application.ts", import.meta.url));
const HOOK = fileURLToPath(new URL("../packages/cli/hooks/claude-code.sh", import.meta.url));
const POST_TASK = fileURLToPath(new URL("../packages/cli/hooks/metrics-post-task.sh", import.meta.url));
const DAY_MILLIS = 86_400_000;

const HOOK_EVENTS = ["PostToolUse", "PostToolUseFailure", "UserPromptSubmit", "StopFailure", "Stop", "Notification"];

const harness = createHarness();
const { home, storage, environment, run, moaiMetrics, searchFiles, searchRows, searchPoints, foundIn } = harness;
let reader: Database.Database | undefined;

/** MoAI-ADK's files with a secret in everything that is no name. */
function plantMoai(folder: string): void {
  const time = "2026-11-19T10:00:00Z";
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const texts = SECRETS.map(({ text }) => text);
  const lines = (map: (text: string, n: number) => object): string =>
    texts.map((t, n) => JSON.stringify(map(t, n))).join("\n");
  const tasks = texts.map((text, n) => ({
    task_id: `t-${n}`,
    agent: "a",
    result: text,
    tokens: text,
    timestamp: time,
  }));
  write("metrics/2026-11-19.json", JSON.stringify({ note: texts, tasks: [...tasks, { timestamp: texts[0] }] }));
  const session_id = "5e551013-0000-4000-8000-000000000000";
  write(
    "logs/task-metrics.jsonl",
    `${texts[1]}\n${lines((text) => ({ timestamp: time, session_id, tool_name: text }))}`,
  );
  const models = Object.fromEntries(texts.map((text) => [text, { main: { input_tokens: 1 } }]));
  write(
    "state/token-accounting.jsonl",
    lines((text) => ({ recorded_at: time, session_id, cwd: text, models })),
  );
  const checks = texts.map((command) => ({
    check_id: "tests",
    command,
    recorded_at: time,
    conditions: { error_count: 1 },
  }));
  const odd = texts.map((check_id) => ({ check_id: `${check_id} !`, recorded_at: time }));
  write("state/verify/snapshots/1.json", JSON.stringify({ key: texts[2], checks: [...checks, ...odd] }));
  const active = { session_id, spec_id: "SPEC-AUTH-001", started_at: time };
  const entries = texts.flatMap((text) => [
    { ...active, phase: text, host: text },
    { ...active, spec_id: text },
  ]);
  write("state/active-sessions.json", JSON.stringify(entries));
  const section = (text: string): string => `source_session_id: ${text}\n## §I ${text}\n- tokens_spent: ${text}\n`;
  write("specs/SPEC-AUTH-001/progress.md", `${texts.map(section).join("\n")}\n${texts.join("\n")}`);
  write(
    "specs/SPEC-AUTH-001/spec.md",
    `---\n${texts.map((text) => `status: ${text}\nupdated: ${text}`).join("\n")}\n---\n`,
  );
  const chain = texts.flatMap((text, at) => [
    {
      event_type: "node-enter",
      node_id: `n${at}`,
      session_id,
      spec_id: text,
      milestone: `${text} `,
      resume_target: text,
    },
    { event_type: "completion-edge", child_node: `n${at}`, completed_milestone: `${text} `, completed_at: time },
    { event_type: text, node_id: text, resume_command: text },
  ]);
  write("state/chain/events.jsonl", chain.map((event) => JSON.stringify(event)).join("\n"));
}

function leaveByNode(argv: readonly string[], payload = ""): void {
  leaveHook({ argv, variables: environment, workingFolder: home, read: () => payload });
}

/** A file of MoAI-Flow with a secret in everything that is no name. */
function plantMoaiFlow(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path);
  database.exec(`
    CREATE TABLE task_metrics (task_id TEXT NOT NULL, agent_id TEXT NOT NULL, duration_ms INTEGER, result TEXT NOT NULL,
      tokens_used INTEGER DEFAULT 0, files_changed INTEGER DEFAULT 0, timestamp DATETIME, PRIMARY KEY (task_id, timestamp));
    CREATE TABLE agent_metrics (metric_id INTEGER PRIMARY KEY AUTOINCREMENT, agent_id TEXT NOT NULL,
      metric_type TEXT NOT NULL, value REAL NOT NULL, metadata TEXT, timestamp DATETIME);
    CREATE TABLE swarm_metrics (metric_id INTEGER PRIMARY KEY AUTOINCREMENT, swarm_id TEXT NOT NULL,
      metric_type TEXT NOT NULL, value REAL NOT NULL, metadata TEXT, timestamp DATETIME);
    CREATE TABLE metrics_schema_info (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT DEFAULT CURRENT_TIMESTAMP);
    INSERT INTO metrics_schema_info (key, value) VALUES ('version', '1.0.0');`);
  const time = "2026-11-19T10:00:00";
  const task = database.prepare("INSERT INTO task_metrics VALUES (?, 'expert-backend', ?, ?, ?, 1, ?)");
  const agent = database.prepare(
    "INSERT INTO agent_metrics (agent_id, metric_type, value, metadata, timestamp) VALUES ('expert-backend', ?, 1, ?, ?)",
  );
  const swarm = database.prepare(
    "INSERT INTO swarm_metrics (swarm_id, metric_type, value, metadata, timestamp) VALUES ('swarm_001', ?, 1, ?, ?)",
  );
  for (const [n, { text }] of SECRETS.entries()) {
    task.run(`task-${n}`, 1_000, "success", 100, `${time}.${String(n).padStart(6, "0")}`);
    task.run(`odd-${n}`, 1_000, text, text, time);
    task.run(`late-${n}`, text, "failure", 1, text);
    agent.run("success_rate", JSON.stringify({ note: text }), time);
    agent.run(text, text, time);
    swarm.run("health", text, time);
    swarm.run("health", text, text);
  }
  database.close();
}

beforeAll(() => {
  writeFileSync(
    join(home, ".config", "moai-metrics", "config.json"),
    JSON.stringify({ metrics: { reporting: { daily_summary: true, weekly_report: true } } }),
  );
  plantTranscripts(home);
  plantMoaiFlow(join(home, "work", ".swarm", "metrics.db"));
  plantMoai(join(home, "work", ".moai"));
}, 60_000);

afterAll(() => {
  reader?.close();
  harness.remove();
});

describe("of 200 secrets of 40 kinds", { timeout: 120_000 }, () => {
  it("there are that many, and what looks for them finds each in a haystack", () => {
    expect([SECRETS.length, new Set(SECRETS.map(({ kind }) => kind)).size]).toEqual([200, 40]);
    expect(new Set(SECRETS.map(({ text }) => text)).size).toBe(200);
    for (const secret of SECRETS) {
      for (const text of [secret.text, JSON.stringify({ a: secret.text }), encodeURIComponent(secret.text)]) {
        expect(findSecrets(Buffer.from(`…${text}…`)), secret.kind).toContainEqual(secret);
      }
    }
  });

  it("none leaves the transcripts", () => {
    const { import: sources } = JSON.parse(moaiMetrics("import", "--verbose", "--json"));
    // The transcripts were really read, and what is odd in them was really met.
    expect(sources[0]).toMatchObject({ filesRead: 400, failures: [] });
    expect(Object.values<number>(sources[0].skipped).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1_000);
    // Someone reads all the time: so the log is never emptied, and there is one to search.
    reader = new Database(join(storage, "metrics.db"), { readonly: true });
    reader.prepare("SELECT count(*) FROM meta").get();
    const { totals } = JSON.parse(moaiMetrics("daily", "--json"));
    expect(totals.calls).toBe(600);
    expect(JSON.parse(moaiMetrics("tool", "--json")).totals.calls).toBe(1_400);
    expect(foundIn()).toEqual([]);
  });

  it("none leaves an application, its spans and its errors, whether the file can be written or has to wait", () => {
    const database = new Database(join(storage, "metrics.db"));
    database.exec("BEGIN IMMEDIATE");
    run([APPLICATION, storage]);
    database.exec("ROLLBACK");
    database.close();
    const spooled = readdirSync(join(storage, "spool"));
    expect(spooled.length).toBeGreaterThan(0);
    const text = spooled.map((name) => readFileSync(join(storage, "spool", name), "utf8")).join("");
    expect(text).toContain('"file_change"');
    expect(text).toContain("KeyRejectedError");
    expect(searchFiles(join(storage, "spool"), "spool")).toBeGreaterThan(100_000);
    const stats = JSON.parse(run([APPLICATION, storage]));
    // Those of the other library: our own are bare, and the exporter never sees them.
    expect(stats.spans.spans).toBe(400);
    expect(foundIn()).toEqual([]);
  });

  it("none leaves what hooks and others put into the spool, or MoAI-Flow's file", () => {
    const spool = join(storage, "spool");
    for (const [n, { text }] of SECRETS.entries()) {
      writeSpoolFile(spool, [
        {
          kind: "file_change",
          witness: "process",
          product: "hook",
          sessionId: "s",
          taskId: `t${n}`,
          path: text,
          change: "modified",
          atMillis: Date.UTC(2026, 10, 20),
        },
      ]);
    }
    const payloads = join(home, "payloads");
    mkdirSync(payloads);
    for (const [n, { text }] of SECRETS.entries()) {
      const payload = {
        session_id: "5e551011-0000-4000-8000-000000000000",
        cwd: "/home/dev/canary-project",
        prompt_id: `hooked-${n}`,
        hook_event_name: HOOK_EVENTS[n % HOOK_EVENTS.length],
        tool_name: "Bash",
        tool_input: { command: text, description: text, file_path: text },
        tool_response: { stdout: text, stderr: text },
        prompt: text,
        message: text,
        last_assistant_message: text,
        error_details: text,
        tool_use_id: "toolu_bash_0",
        error: text,
      };
      writeFileSync(join(payloads, `${n}.json`), JSON.stringify(payload));
    }
    const { stdout, stderr, status } = spawnSync(
      "sh",
      ["-ec", `for payload in "$1"/*; do sh "$2" <"$payload"; done`, "sh", payloads, HOOK],
      { encoding: "utf8", env: environment },
    );
    expect([stdout, stderr, status]).toEqual(["", "", 0]);
    expect(readdirSync(spool).filter((name) => name.endsWith(".hook")).length).toBe(SECRETS.length);
    for (const [n, { text }] of SECRETS.entries()) {
      const payload = readFileSync(join(payloads, `${n}.json`), "utf8");
      leaveByNode(["claude-code", "codex", "gemini-cli"].slice(n % 3, (n % 3) + 1), payload);
      // What a task and its agent are called is kept; what stands in place of a result or a number is not.
      leaveByNode(["post-task", `task-${n}`, "expert-backend", text, text, text]);
    }
    const postTask = spawnSync(
      "sh",
      [
        "-ec",
        'script=$1; shift; for text; do sh "$script" id agent "$text" "$text" "$text"; done',
        "sh",
        POST_TASK,
      ].concat(SECRETS.map(({ text }) => text)),
      { encoding: "utf8", cwd: home, env: environment },
    );
    expect([postTask.stdout, postTask.stderr, postTask.status]).toEqual(["", "", 0]);
    expect(readdirSync(spool).filter((name) => name.endsWith(".hook")).length).toBe(4 * SECRETS.length);
    expect(searchFiles(spool, "spool of another program")).toBeGreaterThan(10_000);
    const content = JSON.parse(moaiMetrics("import", "moai-flow", "--verbose", "--json"));
    expect(content.import[0].rows).toEqual({ tasks: 600, agents: 400, swarms: 400 });
    const [moai] = JSON.parse(moaiMetrics("import", "moai", "--path", join(home, "work"), "--json")).import;
    expect(moai.kinds.map(({ entries }: { entries: number }) => entries)).toEqual([201, 201, 200, 400, 400, 600, 0]);
    expect(foundIn()).toEqual([]);
  });

  it("none is on any screen, in any report or any answer", () => {
    moaiMetrics();
    const [session] = JSON.parse(moaiMetrics("session", "--json")).session;
    const [task] = JSON.parse(moaiMetrics("task", "--json")).task;
    const rows = ["daily", "weekly", "monthly", "session", "task", "agent", "model", "tool", "project"];
    const tables = ["sessions", "models", "tools", "projects"];
    const methods = ["getTasks", "getSessions", "getModelCalls", "getToolCalls"];
    harness.runTogether([
      ...rows.flatMap((command) => [
        [command, "--verbose"],
        [command, "--json"],
      ]),
      ...["session", "task"].map((command) => [command, "--csv"]),
      ["session", session.sessionId],
      ...["table", "json", "csv", "md", "html"].flatMap((format) => [
        ["report", "daily", "--date", "2026-11-20", "--format", format, ...(format === "csv" ? [] : ["--compare"])],
        ["report", "tasks", "--format", format],
      ]),
      ...tables.map((report) => ["report", report, "--format", "html"]),
      ...["weekly", "monthly", "agents"].map((report) => ["report", report, "--format", "json"]),
      ["report", "tokens", "--session", session.sessionId, "--format", "json"],
      ["report", "task", task.taskId, "--format", "json"],
      ...methods.map((method) => ["query", method]),
      ...["reconcile", "dashboard"].map((command) => [command, "--json"]),
      ["dashboard", "--once"],
      ["privacy", "--json"],
      ["prices", "show"],
      ["prices", "reprice", "--dry-run"],
      ["db", "stats"],
      ["db", "check"],
    ]);
    expect(foundIn()).toEqual([]);
    expect(harness.failed()).toEqual([]);
  }, 240_000);

  it("none lies in any file of the storage: database, log, reports, copies, compressed points", async () => {
    moaiMetrics("db", "backup", join(storage, "copy.db"));
    expect(readdirSync(storage)).toEqual(
      expect.arrayContaining(["metrics.db", "metrics.db-wal", "reports", "copy.db"]),
    );
    expect(readdirSync(join(storage, "reports"), { recursive: true }).length).toBeGreaterThan(2);
    searchFiles(storage, "as written");
    searchRows("as written");
    expect(searchPoints("as written")).toBeGreaterThan(5);
    {
      using store = openStore({ path: join(storage, "metrics.db") });
      const nowMillis = Date.now() + 20 * DAY_MILLIS;
      await store.maintain({ nowMillis, isThorough: true });
      expect(store.stats().points).toBeGreaterThan(0);
    }
    const database = new Database(join(storage, "metrics.db"), { readonly: true });
    expect(database.prepare("SELECT count(*) FROM series_chunk").pluck().get()).toBeGreaterThan(0);
    database.close();
    searchFiles(storage, "cleaned up");
    searchRows("cleaned up");
    searchPoints("cleaned up");
    expect(foundIn()).toEqual([]);
  }, 120_000);

  it("while names, which are stored, are found by the same search", () => {
    const everything = Buffer.concat(
      ["metrics.db", "metrics.db-wal"]
        .map((name) => join(storage, name))
        .filter((path) => statSync(path, { throwIfNoEntry: false }))
        .map((path) => readFileSync(path)),
    );
    for (const name of [
      "/home/dev/canary-project",
      "canary-application",
      "canary-value",
      "canary-resource",
      "KeyRejectedError",
    ]) {
      expect(everything.includes(name), name).toBe(true);
    }
  });
});
