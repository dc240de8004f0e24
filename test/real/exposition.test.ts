/** Prometheus' own parsers read what we show, whatever there is to show. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ExposedMetric, renderExposition } from "@moai-metrics/report";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileMetrics } from "../../packages/report/test/support/hostile-metrics.ts";
import { temporaryFolderOfFile } from "../support/varied-store.ts";
import { findRealPart } from "./parts.ts";

const promtool = findRealPart("promtool");
const folder = temporaryFolderOfFile();
const SETS = 10_000;
const SETS_A_CALL = 2_500;

/** Lint has something to say about names and units; what cannot be read ends with 1. */
const LINTED = 3;

function run(args: readonly string[], input = ""): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(promtool ?? "promtool", args, { encoding: "utf8", input, maxBuffer: 1 << 28, timeout: 120_000 });
}

/** The families of a set get names that no other set has. */
const named = (metrics: readonly ExposedMetric[], set: number): ExposedMetric[] =>
  metrics.map((metric) => ({ ...metric, name: `set${set}.${metric.name}` }));

describe.skipIf(promtool === undefined)("promtool", () => {
  const sets = fc.sample(hostileMetrics, SETS);
  const rounds = Array.from({ length: SETS / SETS_A_CALL }, (_, i) => i * SETS_A_CALL);

  it.each(rounds)("reads hostile sets of metrics as text, from number %i on", (from) => {
    const some = sets.slice(from, from + SETS_A_CALL);
    const text = some.map((metrics, i) => renderExposition(named(metrics, from + i), "text").text).join("");
    const { stderr, status } = run(["check", "metrics"], text);
    expect(stderr).not.toContain("error while");
    expect([0, LINTED]).toContain(status);
  });

  it.each(rounds)("reads hostile sets of metrics as OpenMetrics, from number %i on", (from) => {
    const some = sets.slice(from, from + SETS_A_CALL);
    const all = some.flatMap((metrics, i) => named(metrics, from + i));
    // The tool that reads OpenMetrics fills blocks, and wants a time for each sample.
    const text = renderExposition(all, "openmetrics").text.replace(/^([^#\n].*)$/gm, "$1 1790000000");
    const file = join(folder, `set-${from}.txt`);
    writeFileSync(file, text);
    const { stderr, status } = run(["tsdb", "create-blocks-from", "openmetrics", file, join(folder, `blocks-${from}`)]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });
});
