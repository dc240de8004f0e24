/** What Prometheus' own tool makes of our text: it must accept it, and read back the ledger's totals. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { totalTokens } from "@moai-metrics/model";
import { exportOpenMetrics, exportPrometheus } from "@moai-metrics/report";
import type { CumulativeStep, Store } from "@moai-metrics/store";
import { beforeAll, describe, expect, it } from "vitest";
import { hostileFacts } from "../support/hostile-facts.ts";
import { temporaryFolderOfFile, variedStore } from "../support/varied-store.ts";
import { findRealPart } from "./parts.ts";

const promtool = findRealPart("promtool");
const folder = temporaryFolderOfFile();
const { store, nowMillis } = variedStore(join(folder, "varied.db"));
const hostile = variedStore(join(folder, "hostile.db"), hostileFacts()).store;

const question = { filter: {}, nowMillis };
const textOf = (text: Iterable<string>): string => [...text].join("");

function run(args: readonly string[], input = ""): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(promtool ?? "promtool", args, { encoding: "utf8", input, maxBuffer: 1 << 28, timeout: 120_000 });
}

describe.skipIf(promtool === undefined)("promtool", () => {
  it.each([
    ["varied facts", store],
    ["hostile names", hostile],
  ])("finds nothing to say about the text of now: %s", (_, some: Store) => {
    const { stdout, stderr, status } = run(["check", "metrics"], textOf(exportPrometheus(some, question)));
    expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
  });

  describe.each(["hour", "day"] satisfies CumulativeStep[])("fills blocks from a history by the %s", (step) => {
    let samples: { labels: Record<string, string>; value: number; millis: number }[];

    beforeAll(() => {
      const [file, blocks] = [join(folder, `${step}.txt`), join(folder, step)];
      writeFileSync(file, textOf(exportOpenMetrics(store, { ...question, step })));
      const made = run(["tsdb", "create-blocks-from", "openmetrics", "--quiet", file, blocks]);
      expect({ stderr: made.stderr, status: made.status }).toEqual({ stderr: "", status: 0 });
      // Some versions only read a folder that also has a log of its own.
      mkdirSync(join(blocks, "wal"), { recursive: true });
      const { stdout } = run(["tsdb", "dump", blocks]);
      samples = stdout
        .trimEnd()
        .split("\n")
        .map((line) => {
          const [, labels = "", value, millis] = /^\{(.*)\} (\S+) (\d+)$/.exec(line) ?? [];
          const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = "", text = ""]) => [
            name,
            text,
          ]);
          return {
            labels: Object.fromEntries(pairs) as Record<string, string>,
            value: Number(value),
            millis: Number(millis),
          };
        });
    });

    /** What `sum(name)` answers at the end of the data. */
    const sumAtEnd = (name: string): number => {
      const last = new Map<string, { value: number; millis: number }>();
      for (const { labels, value, millis } of samples) {
        const { __name__: found, ...others } = labels;
        const key = JSON.stringify(Object.entries(others).sort());
        if (found === name && millis >= (last.get(key)?.millis ?? 0)) last.set(key, { value, millis });
      }
      return [...last.values()].reduce((sum, { value }) => sum + value, 0);
    };

    it("and reads back the totals of the ledger", () => {
      const { tokens, costNanoUsd, totalTasks } = store.query.summary({});
      expect(
        sumAtEnd("gen_ai_client_inference_usage_input_tokens_total") +
          sumAtEnd("gen_ai_client_inference_usage_output_tokens_total"),
      ).toBe(totalTokens(tokens));
      expect(sumAtEnd("moai_cost_USD_total")).toBeCloseTo(costNanoUsd / 1e9, 9);
      expect(sumAtEnd("moai_task_count_total")).toBe(totalTasks);
      expect(sumAtEnd("moai_task_duration_seconds_count")).toBe(totalTasks);
    });

    it("and every day grew by what the ledger says of it", () => {
      const { buckets } = store.query.aggregateByTime({ measure: "tasks", function: "sum", interval: "day" });
      expect(buckets.length).toBeGreaterThan(5);
      for (const { startMillis, endMillis, value } of buckets) {
        const sumUntil = (millis: number): number => {
          const last = new Map<string, number>();
          for (const sample of samples) {
            if (sample.labels["__name__"] === "moai_task_count_total" && sample.millis <= millis) {
              last.set(JSON.stringify(sample.labels), sample.value);
            }
          }
          return [...last.values()].reduce((sum, each) => sum + each, 0);
        };
        expect(sumUntil(endMillis) - sumUntil(startMillis)).toBe(value);
      }
    });
  });

  it("fills blocks from a history with hostile names", () => {
    const file = join(folder, "hostile.txt");
    writeFileSync(file, textOf(exportOpenMetrics(hostile, { ...question, step: "day" })));
    const { stderr, status } = run([
      "tsdb",
      "create-blocks-from",
      "openmetrics",
      "--quiet",
      file,
      join(folder, "hostile"),
    ]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });
});
