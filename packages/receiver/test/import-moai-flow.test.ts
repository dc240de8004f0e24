/** A whole file of MoAI-Flow's phase 6A, made with its own schema, taken into a store. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore, type Store } from "@moai-metrics/store";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { importMoaiFlow } from "../src/import-moai-flow.ts";

/** The schema of version 1.0.0. */
const SCHEMA = `
  CREATE TABLE task_metrics (
    task_id TEXT NOT NULL, agent_id TEXT NOT NULL, duration_ms INTEGER, result TEXT NOT NULL,
    tokens_used INTEGER DEFAULT 0, files_changed INTEGER DEFAULT 0, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (task_id, timestamp));
  CREATE INDEX idx_task_metrics_agent ON task_metrics(agent_id, timestamp);
  CREATE TABLE agent_metrics (
    metric_id INTEGER PRIMARY KEY AUTOINCREMENT, agent_id TEXT NOT NULL, metric_type TEXT NOT NULL, value REAL NOT NULL,
    metadata TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE swarm_metrics (
    metric_id INTEGER PRIMARY KEY AUTOINCREMENT, swarm_id TEXT NOT NULL, metric_type TEXT NOT NULL, value REAL NOT NULL,
    metadata TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE metrics_schema_info (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT DEFAULT CURRENT_TIMESTAMP);
  INSERT INTO metrics_schema_info (key, value) VALUES ('version', '1.0.0');`;

const ROWS = `
  INSERT INTO task_metrics VALUES
    ('task-001', 'expert-backend', 45000, 'success', 15420, 3, '2025-11-30T00:10:00.000001'),
    ('task-002', 'expert-backend', 60000, 'failure', 9000, 0, '2025-11-30T14:05:09.123456'),
    ('task-002', 'expert-backend', 30000, 'success', 4000, 1, '2025-11-30T14:07:00'),
    ('task-003', 'manager-tdd', 1000, 'partial', 100, 0, '2025-12-01T08:00:00'),
    ('task-004', 'manager-tdd', 1000, 'timeout', 0, 0, 'long ago');
  INSERT INTO agent_metrics (agent_id, metric_type, value, metadata, timestamp) VALUES
    ('expert-backend', 'success_rate', 0.95, '{"secret": 1}', '2025-11-30T14:00:00'),
    ('expert-backend', 'agent_success_rate', 0.9, '{}', '2025-11-30T15:00:00'),
    ('expert-backend', 'no type at all', 1, '{}', '2025-11-30T15:00:00');
  INSERT INTO swarm_metrics (swarm_id, metric_type, value, metadata, timestamp) VALUES
    ('swarm_001', 'health', 0.98, '{}', '2025-11-30T14:00:00');`;

let folder: string;
let path: string;
let store: Store;

function execSql(file: string, sql: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "moai-flow-")));
  path = join(folder, "shop", ".swarm", "metrics.db");
  execSql(path, SCHEMA + ROWS);
  store = openStore({ path: join(folder, "store", "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

const seoul = (file = path) => importMoaiFlow(store, { path: file, timeZone: "Asia/Seoul" });

describe("a phase 6A file", () => {
  it("becomes tasks, with everything that was not taken over counted", () => {
    const outcome = seoul();
    expect(outcome).toMatchObject({
      product: "moai-flow",
      path,
      rows: { tasks: 5, agents: 3, swarms: 1 },
      facts: { received: 8, inserted: 6 },
      points: { inserted: 9, repeated: 0 },
      tokens: 28_520,
    });
    expect(Object.fromEntries(outcome.skipped)).toEqual({
      'result "partial" has no equivalent: unknown': 1,
      "timestamp not understood": 1,
      "agent metric of an odd type": 1,
    });
    expect(store.skipped().reduce((sum, { count }) => sum + count, 0)).toBe(3);

    expect(store.ledger.tasks({})).toHaveLength(4);
    const [newest] = store.ledger.tasks({ agents: ["manager-tdd"] });
    expect(newest).toMatchObject({ result: "unknown", durationMillis: 1000, project: join(folder, "shop") });
    expect(newest?.lastSeenAtMillis).toBe(Date.UTC(2025, 10, 30, 23));
    const results = store.ledger.tasks({ agents: ["expert-backend"] }).map(({ result }) => result);
    expect(results).toEqual(["success", "failure", "success"]);
    // One session for each local day of Seoul, not of UTC.
    expect(store.ledger.sessions({})).toHaveLength(2);
    expect(store.checkRollups()).toEqual([]);
  });

  it("invents no calls: tokens and readings are series of their own", () => {
    seoul();
    expect(store.ledger.usage({})[0]).toMatchObject({ calls: 0, tokens: { input: 0, output: 0 } });
    const valuesOf = (metric: string): unknown[] =>
      store
        .points(metric)
        .flatMap(({ points }) => points.map(({ value }) => (value.kind === "number" ? value.value : 0)));
    expect(valuesOf("moai_flow.task.tokens")).toEqual([15_420, 9_000, 4_000, 100]);
    expect(valuesOf("moai_flow.task.files_changed")).toEqual([3, 1]);
    expect(valuesOf("moai_flow.agent.success_rate")).toEqual([0.95, 0.9]);
    expect(valuesOf("moai_flow.swarm.health")).toEqual([0.98]);
    expect(store.points("moai_flow.task.tokens")[0]?.identity).toMatchObject({
      kind: "sum",
      temporality: "delta",
      attributes: { "gen_ai.agent.name": "expert-backend" },
      resource: { "service.name": "moai-flow", "moai.project": join(folder, "shop") },
    });
  });

  it("counts once however often it is imported, and adds what it gained", () => {
    seoul();
    expect(seoul()).toMatchObject({ facts: { inserted: 0, changed: 0 }, points: { inserted: 0, repeated: 9 } });
    execSql(
      path,
      `INSERT INTO task_metrics VALUES ('task-005', 'expert-backend', 5, 'success', 7, 0, '2025-12-01T09:00:00')`,
    );
    expect(seoul()).toMatchObject({
      facts: { inserted: 1 },
      points: { inserted: 1, repeated: 9 },
    });
    expect(store.ledger.tasks({})).toHaveLength(5);
    expect(store.skipped().reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it("is not changed by it", () => {
    const before = readFileSync(path);
    seoul();
    expect(readFileSync(path)).toEqual(before);
  });

  it("is not taken a second time in another zone", () => {
    seoul();
    expect(() => importMoaiFlow(store, { path, timeZone: "Europe/Berlin" })).toThrow("Use --timezone Asia/Seoul.");
    expect(store.ledger.tasks({})).toHaveLength(4);
  });

  it("outside a .swarm folder has no project", () => {
    const copy = join(folder, "backup", "old.db");
    execSql(copy, SCHEMA + ROWS);
    seoul(copy);
    expect(new Set(store.ledger.tasks({}).map(({ project }) => project))).toEqual(new Set([""]));
  });

  it("with thousands of names keeps 2,000 series of a metric and counts the rest", () => {
    execSql(
      path,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
       INSERT INTO swarm_metrics (swarm_id, metric_type, value, timestamp)
       SELECT 'swarm-' || i, 'health', 1, '2025-11-30T14:00:00' FROM n`,
    );
    expect(seoul().skipped.get("more than 2000 names in one metric")).toBe(101);
  });
});

describe("another file", () => {
  it("of phase 7 has nothing in it", () => {
    const persistent = join(folder, "shop", ".swarm", "metrics_persistent.db");
    execSql(persistent, "PRAGMA journal_mode = WAL");
    expect(() => seoul(persistent)).toThrow("never stored a row");
    execSql(
      join(folder, "repaired.db"),
      "CREATE TABLE storage_schema_info (key TEXT); CREATE TABLE task_metrics (success)",
    );
    expect(() => seoul(join(folder, "repaired.db"))).toThrow("phase 7");
  });

  it("is refused by the columns it lacks", () => {
    execSql(join(folder, "other.db"), "CREATE TABLE task_metrics (task_id TEXT)");
    expect(() => seoul(join(folder, "other.db"))).toThrow(
      "has no table task_metrics with the columns task_id, agent_id",
    );
  });
});
