/** What an application records of quality, and what its project's settings let it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/quality-run.ts", import.meta.url));

/** Runs the program in a project with this configuration. */
function runIn(config: string | undefined) {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "quality-")));
  if (config !== undefined) {
    mkdirSync(join(project, ".moai", "metrics"), { recursive: true });
    writeFileSync(join(project, ".moai", "metrics", "config.json"), config);
  }
  const storage = join(project, "store");
  const { stdout, stderr, status } = spawnSync(process.execPath, [SCRIPT, storage], {
    encoding: "utf8",
    cwd: project,
    env: { HOME: project, PATH: process.env["PATH"] },
  });
  expect([stderr, status]).toEqual(["", 0]);
  const store = openStore({ path: join(storage, "metrics.db") });
  const gauges = ["test_coverage", "lint_score", "benchmark_score"].filter(
    (name) => store.points(`moai.quality.${name}`).length > 0,
  );
  const rows = store.ledger.quality({});
  store.close();
  return { project, gauges, rows, dropped: JSON.parse(stdout) };
}

describe("quality that an application records", () => {
  it("is stored as facts and as gauges where the project wants it", () => {
    const { project, gauges, rows, dropped } = runIn(
      JSON.stringify({ metrics: { quality: { test_coverage: true, lint_scores: true } } }),
    );
    expect(gauges).toEqual(["test_coverage", "lint_score", "benchmark_score"]);
    expect(rows).toMatchObject([
      { project, measure: "benchmark_score", benchmark: "swe", score: 7 },
      { project, measure: "lint_score", score: 0.5, counts: undefined },
      { project, measure: "test_coverage", score: 0.75, counts: { good: 3, total: 4 } },
    ]);
    expect(dropped).toEqual({});
  });

  it.each([undefined, "{ not JSON"])("is left out by default, and counted (configuration: %s)", (config) => {
    const { gauges, rows, dropped } = runIn(config);
    expect(gauges).toEqual(["benchmark_score"]);
    expect(rows.map(({ measure }) => measure)).toEqual(["benchmark_score"]);
    expect(dropped).toEqual({ "switched off: test_coverage": 1, "switched off: lint_score": 1 });
  });

  it("is not stored at all where nothing is", () => {
    const { gauges, rows } = runIn(JSON.stringify({ metrics: { enabled: false } }));
    expect([gauges, rows]).toEqual([[], []]);
  });
});
