/** What the programs that read them say of the team stack's files. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { findRealPart } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "team-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...args: readonly string[]): { said: string; status: number | null } {
  const env = { ...process.env, MOAI_METRICS_TOKEN: "token" };
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: ROOT, env, encoding: "utf8", timeout: 60_000 });
  return { said: stdout + stderr, status };
}

const promtool = findRealPart("promtool");
describe.skipIf(promtool === undefined)("promtool", () => {
  it("finds the rules right, and their tests hold", () => {
    expect(run(promtool ?? "", "check", "rules", "prometheus/rules/moai-metrics.yml")).toMatchObject({ status: 0 });
    const tests = readdirSync(join(ROOT, "prometheus/tests")).map((name) => `prometheus/tests/${name}`);
    const tested = run(promtool ?? "", "test", "rules", ...tests);
    expect(tested.said).toContain("SUCCESS");
    expect(tested).toMatchObject({ status: 0 });
  });

  it("finds the configuration right, once there is a token", () => {
    const token = join(folder, "token");
    writeFileSync(token, "token");
    const text = readFileSync(join(ROOT, "prometheus/prometheus.yml"), "utf8")
      .replace("/run/secrets/moai_metrics_token", token)
      .replace("rules/*.yml", join(ROOT, "prometheus/rules/*.yml"));
    writeFileSync(join(folder, "prometheus.yml"), text);
    const checked = run(promtool ?? "", "check", "config", join(folder, "prometheus.yml"));
    expect(checked.said).toMatch(/is valid prometheus config file syntax|SUCCESS/);
    expect(checked.status).toBe(0);
  });
});

const compose = findRealPart("compose-spec");
describe.skipIf(compose === undefined)("the compose specification's own reader", () => {
  it("takes docker-compose.yml", () => {
    const read = run(compose ?? "", "-no-interpolation", "docker-compose.yml");
    expect(read.said).toContain("name: moai-metrics");
    expect(read.status).toBe(0);
  });

  it("refuses what the specification does not know", () => {
    const wrong = readFileSync(join(ROOT, "docker-compose.yml"), "utf8").replace("mem_limit: 1g", "memory_limit: 1g");
    writeFileSync(join(folder, "docker-compose.yml"), wrong);
    expect(run(compose ?? "", "-no-interpolation", join(folder, "docker-compose.yml"))).toMatchObject({ status: 1 });
  });
});

const collector = findRealPart("otelcol-moai");
it.skipIf(collector === undefined)("the Collector takes otel-collector.yaml", () => {
  const validated = run(collector ?? "", "validate", "--config", "otel-collector.yaml");
  expect(validated).toEqual({ said: "", status: 0 });
});
