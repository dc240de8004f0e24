/** A home with something of everything: transcripts, budgets, quality reports, data points, MoAI-Flow's file. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databasePath } from "@moai-metrics/settings";
import { openStore, type PointValue, type SeriesIdentity } from "@moai-metrics/store";
import { NOW } from "../../packages/cli/test/support/run-binary.ts";

const CONFIG = {
  metrics: {
    tokens: { warn_threshold: 10_000 },
    quality: { test_coverage: true, lint_scores: true },
    // The recorded session spent $0.06636.
    budgets: [{ name: "Daily spend", per: "day", max_usd: 0.07 }],
  },
};

const DISTRIBUTION = { count: 3, sum: 6, min: 1, max: 3 };
const VALUES: Readonly<Record<SeriesIdentity["kind"], PointValue>> = {
  gauge: { kind: "number", value: 0.5 },
  sum: { kind: "number", value: 2n ** 60n },
  histogram: { kind: "histogram", ...DISTRIBUTION, bounds: [2], counts: [2, 1] },
  exponential_histogram: {
    kind: "exponential_histogram",
    ...DISTRIBUTION,
    scale: 0,
    zeroCount: 0,
    positive: { offset: 0, counts: [2, 1] },
    negative: { offset: 0, counts: [] },
  },
};

/** The home, which is also the project, and its storage folder. */
export interface FullHome {
  readonly home: string;
  readonly storage: string;
  remove(): void;
}

/** Makes it. Only the data points are in the store yet; quality reports to import are in `reports`. */
export function makeFullHome(): FullHome {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "full-")));
  const storage = join(home, ".local", "share", "moai-metrics");
  for (const folder of [".claude", ".config/moai-metrics", ".swarm"])
    mkdirSync(join(home, folder), { recursive: true });
  cpSync("packages/cli/test/fixtures/projects", join(home, ".claude", "projects"), { recursive: true });
  cpSync("packages/agents/test/fixtures/quality", join(home, "reports"), { recursive: true });
  writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify(CONFIG));
  writeSwarm(join(home, ".swarm", "metrics.db"));
  writePoints(databasePath(storage));
  return { home, storage, remove: () => rmSync(home, { recursive: true, force: true }) };
}

function writePoints(path: string): void {
  using store = openStore({ path });
  const series = Object.entries(VALUES).map(([metric, value]) => ({
    identity: {
      metric,
      kind: metric as SeriesIdentity["kind"],
      unit: "1",
      description: "",
      temporality: metric === "gauge" ? ("none" as const) : ("delta" as const),
      isMonotonic: metric === "sum",
      valueType: metric === "sum" ? ("int" as const) : ("double" as const),
      attributes: { list: ["a", "b"], flag: true, number: 1 },
      resource: { "service.name": "test" },
      scope: { name: "test", version: "1" },
    },
    points: [1, 2].map((second) => ({
      startTimeUnixNano: BigInt(NOW) * 1_000_000n,
      timeUnixNano: BigInt(NOW + 1_000 * second) * 1_000_000n,
      value,
    })),
  }));
  store.writePoints({ series });
}

function writeSwarm(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE task_metrics (task_id TEXT NOT NULL, agent_id TEXT NOT NULL, duration_ms INTEGER, result TEXT NOT NULL,
      tokens_used INTEGER DEFAULT 0, files_changed INTEGER DEFAULT 0, timestamp DATETIME, PRIMARY KEY (task_id, timestamp));
    CREATE TABLE agent_metrics (metric_id INTEGER PRIMARY KEY AUTOINCREMENT, agent_id TEXT NOT NULL,
      metric_type TEXT NOT NULL, value REAL NOT NULL, metadata TEXT, timestamp DATETIME);
    CREATE TABLE swarm_metrics (metric_id INTEGER PRIMARY KEY AUTOINCREMENT, swarm_id TEXT NOT NULL,
      metric_type TEXT NOT NULL, value REAL NOT NULL, metadata TEXT, timestamp DATETIME);
    INSERT INTO task_metrics VALUES ('task-001', 'expert-backend', 45000, 'success', 15420, 3, '2025-11-22T14:05:09')`);
  database.close();
}
