/** The documented backfill: what transcripts tell of days gone by becomes Prometheus' history, beside what it reads now. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findRealPart } from "../real/parts.ts";
import { boardQueries, chosen } from "./support/boards.ts";
import { askInstant } from "./support/prometheus-api.ts";
import { placeTranscript, sendRun, TOKENS_OF_RUN, TOKENS_OF_TRANSCRIPT } from "./support/recordings.ts";
import { tokensNow, waitForScrapes, waitUntil } from "./support/session.ts";
import { type Stack, startStack } from "./support/stack.ts";

const [collector, prometheus, victoria, promtool] = [
  findRealPart("otelcol-moai"),
  findRealPart("prometheus"),
  findRealPart("victoria-metrics"),
  findRealPart("promtool"),
];
const isComplete = [collector, prometheus, victoria, promtool].every((part) => part !== undefined);
const ROOT = join(import.meta.dirname, "../..");
const DAY_MILLIS = 86_400_000;
/** Two sessions on one of the days, none on another. */
const DAYS_AGO = [5, 4, 4, 2, 1];
/** Other sessions than those that are sent. */
const FIRST_NUMBER = 0x100;

describe.skipIf(!isComplete)("docker compose run backfill", () => {
  const folder = mkdtempSync(join(tmpdir(), "backfill-"));
  let stack: Stack;
  let today: number;

  /** The commands of the two services, with this machine's folders in the place of volumes. */
  const backfill = (): void => {
    const { services } = parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8")) as {
      readonly services: Readonly<Record<"history" | "backfill", { readonly command: readonly [string] }>>;
    };
    const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`;
    for (const service of ["history", "backfill"] as const) {
      const command = services[service].command[0]
        .replaceAll("/app/", `${folder}/app/`)
        .replaceAll("/backfill/", `${folder}/`)
        // Who runs a test is the one who runs its Prometheus.
        .replace(" && chown -R nobody /prometheus", "")
        .replaceAll("/prometheus", stack.prometheusFolder);
      const env = { ...stack.environment, PATH: path };
      const { status, stderr } = spawnSync("sh", ["-c", command], { env, encoding: "utf8", timeout: 120_000 });
      expect({ service, status, stderr: status === 0 ? "" : stderr }).toEqual({ service, status: 0, stderr: "" });
    }
  };

  const expressionOf = (name: string, period: string): string => {
    const query = boardQueries().find(({ board, panel, refId }) => `${board}/${panel}/${refId}` === name);
    return chosen(query?.expression ?? "", { period, rateInterval: "1m" });
  };
  const ask = async (expression: string, atMillis = Date.now()): Promise<number> => {
    const answer = await askInstant(stack.prometheusUrl, expression, atMillis / 1000);
    return answer.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0);
  };
  const knownByDay = (measure: "tokens" | "cost" | "tasks"): ReadonlyMap<number, number> =>
    stack.read(({ query }) => {
      const { buckets } = query.aggregateByTime({ measure, function: "sum", interval: "day", timeZone: "UTC" });
      return new Map(buckets.map(({ startMillis, value = 0 }) => [startMillis, value]));
    });

  beforeAll(async () => {
    mkdirSync(join(folder, "app"));
    cpSync(join(ROOT, "docker/daemon.sh"), join(folder, "app/daemon.sh"));
    symlinkSync(join(ROOT, "packages"), join(folder, "app/packages"));
    stack = await startStack({ collector: collector ?? "", prometheus: prometheus ?? "", victoria: victoria ?? "" });
    today = Math.floor(Date.now() / DAY_MILLIS) * DAY_MILLIS;
    const home = stack.environment["HOME"] ?? "";
    for (const [i, days] of DAYS_AGO.entries()) placeTranscript(home, FIRST_NUMBER + i, Date.now() - days * DAY_MILLIS);
    backfill();
    // A running Prometheus looks for new blocks every minute; one that starts does at once.
    await stack.prometheus.stop();
    await stack.prometheus.start();
    await sendRun(0, stack.otlpUrl);
    const expected = DAYS_AGO.length * TOKENS_OF_TRANSCRIPT + (TOKENS_OF_RUN[0] ?? 0);
    await waitUntil(() => tokensNow(stack) === expected, "everything is in SQLite");
    await waitForScrapes(stack, 4);
  }, 240_000);
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["tokens", "overview/Tokens, last 7 days/A", 1],
    ["cost", "cost-and-tokens/Cost, last 7 days/A", 1e9],
    ["tasks", "overview/Tasks, last 7 days/A", 1],
  ] as const)(
    "shows the %s of each day of the past, and of today what happened since",
    async (measure, panel, unit) => {
      const known = knownByDay(measure);
      expect(known.size).toBeGreaterThanOrEqual(new Set(DAYS_AGO).size);
      for (let day = today - 6 * DAY_MILLIS; day <= today; day += DAY_MILLIS) {
        const shown = await ask(expressionOf(panel, "1h"), day);
        expect(shown, `${new Date(day).toISOString()}`).toBeCloseTo((known.get(day) ?? 0) / unit, 9);
      }
    },
  );

  it("adds up to the ledger over the week, also when it is run again", async () => {
    const [tokens, cost] = [expressionOf("cost-and-tokens/Tokens/A", "168h"), expressionOf("overview/Cost/A", "168h")];
    const summary = stack.read(({ query }) => query.summary({}));
    expect(await ask(tokens)).toBe(tokensNow(stack));
    expect(await ask(cost)).toBeCloseTo(summary.costNanoUsd / 1e9, 9);
    backfill();
    await stack.prometheus.stop();
    await stack.prometheus.start();
    await waitForScrapes(stack, 1);
    expect(await ask(tokens)).toBe(tokensNow(stack));
    expect(await ask(cost)).toBeCloseTo(summary.costNanoUsd / 1e9, 9);
  });

  it("leaves to the daemon what happens now: none of the past is among its live counters", async () => {
    const live = 'sum({__name__=~"gen_ai_client_inference_usage_(input|output)_tokens_total",job="moai-metrics"})';
    expect(await ask(live)).toBe(TOKENS_OF_RUN[0]);
  });
});
