/**
 * The team's stack as it runs: recorded agents send to the Collector, it hands on to the daemon, Prometheus reads both.
 * One session of half a minute, in which every part is stopped and started again, serves all tests.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { totalTokens } from "@moai-metrics/model";
import { databasePath } from "@moai-metrics/settings";
import { openStore, StoreError } from "@moai-metrics/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRealPart } from "../real/parts.ts";
import { type BoardQuery, boardQueries, chosen, readBoards } from "./support/boards.ts";
import { EXACT, expectations, type Rows, readAllRows } from "./support/expectations.ts";
import { sendForeignMetrics } from "./support/foreign-metrics.ts";
import { askInstant, askRange, askRaw, type Sample } from "./support/prometheus-api.ts";
import { placeTranscript, sendRun, TOKENS_OF_RUN, TOKENS_OF_TRANSCRIPT } from "./support/recordings.ts";
import { type Stack, startStack } from "./support/stack.ts";

const collector = findRealPart("otelcol-moai");
const prometheus = findRealPart("prometheus");
const victoria = findRealPart("victoria-metrics");
const isComplete = collector !== undefined && prometheus !== undefined && victoria !== undefined;
const RUNS = 26;
const DAY_SECONDS = 86_400;

describe.skipIf(!isComplete)("the stack", () => {
  let stack: Stack;
  let startedAtSeconds: number;
  let rows: Rows;
  /** While all agents worked. */
  const worked = { fromSeconds: 0, toSeconds: 0 };
  /** What SQLite had in all, moment by moment. */
  const timeline: { readonly atMillis: number; readonly tokens: number }[] = [];

  beforeAll(async () => {
    stack = await startStack({ collector: collector ?? "", prometheus: prometheus ?? "", victoria: victoria ?? "" });
    startedAtSeconds = Date.now() / 1000;
    await waitUntil(hasStore, "the daemon has made its file");
    await waitForScrapes(1);
    const watching = new AbortController();
    const watched = watch(watching.signal);
    worked.fromSeconds = Date.now() / 1000;
    const demo = runDemo(stack.otlpUrl);
    for (let run = 0; run < RUNS; run++) {
      // The daemon is away while agents go on.
      if (run === 8) await stack.daemon.stop();
      if (run === 9) await stack.daemon.start();
      if (run === 12) {
        // A scrape that is cut off is lost like any answer that nobody reads: between two of them.
        await waitForScrapes(1);
        await restart(stack.prometheus);
      }
      await sendRun(run, stack.otlpUrl);
      await sleep(800);
    }
    await demo;
    worked.toSeconds = Date.now() / 1000;
    await restart(stack.collector);
    await sendRun(RUNS, stack.otlpUrl);
    placeTranscript(stack.environment["HOME"] ?? "");
    await sendForeignMetrics(stack.otlpUrl);
    writeQuality();
    await waitUntil(() => tokensNow() >= expectedTokens(), "everything is in SQLite");
    rows = stack.read(readAllRows);
    await waitForScrapes(6);
    watching.abort();
    await watched;
  }, 180_000);
  afterAll(async () => {
    await stack?.stop();
  });

  const hasStore = (): boolean => {
    try {
      return stack.read(() => true);
    } catch (error) {
      if (error instanceof StoreError && error.code === "not_found") return false;
      throw error;
    }
  };
  const tokensNow = (): number => stack.read(({ query }) => totalTokens(query.summary({}).tokens));
  const tokensOf = (products: readonly string[]): number =>
    stack.read(({ query }) => totalTokens(query.summary({ products }).tokens));
  const expectedTokens = (): number => {
    const recorded = Array.from({ length: RUNS + 1 }, (_, run) => TOKENS_OF_RUN[run % TOKENS_OF_RUN.length] ?? 0);
    return recorded.reduce((sum, each) => sum + each, TOKENS_OF_TRANSCRIPT) + tokensOf(["demo"]);
  };

  async function watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      timeline.push({ atMillis: Date.now(), tokens: tokensNow() });
      await sleep(50);
    }
  }

  async function waitForScrapes(count: number): Promise<void> {
    const fromSeconds = Date.now() / 1000;
    await waitUntil(async () => {
      const window = Math.ceil(Date.now() / 1000 - fromSeconds) + 1;
      const scrapes = await askRaw(stack.prometheusUrl, `up{job="moai-metrics"}[${window}s]`);
      return scrapes.filter(({ atSeconds, value }) => atSeconds > fromSeconds && value === 1).length >= count;
    }, "Prometheus has read the daemon again");
  }

  function writeQuality(): void {
    using store = openStore({ path: databasePath(stack.storage) });
    const scores = [
      { measure: "test_coverage", score: 0.9 },
      { measure: "lint_score", score: 0.8 },
      { measure: "benchmark_score", score: 84.8, benchmark: "swe-bench" },
    ] as const;
    const facts = scores.map((score) => ({
      ...({ kind: "quality", witness: "toolReport", atMillis: Date.now(), project: "/work/w" } as const),
      ...score,
    }));
    store.write({ facts });
  }

  /** As Grafana asks: instant queries now, others over the time of the session. */
  const ask = async (query: BoardQuery): Promise<readonly Sample[]> => {
    const nowSeconds = Date.now() / 1000;
    const rateSeconds = Math.ceil(nowSeconds - startedAtSeconds);
    const expression = chosen(query.expression, { period: "1h", rateInterval: `${rateSeconds}s` });
    if (query.step !== "1d") return askInstant(stack.prometheusUrl, expression, nowSeconds);
    const today = Math.floor(nowSeconds / DAY_SECONDS) * DAY_SECONDS;
    return askRange(stack.prometheusUrl, expression, {
      start: today - 6 * DAY_SECONDS,
      end: nowSeconds,
      step: DAY_SECONDS,
    });
  };

  it("has every recorded token once, whatever was restarted meanwhile", () => {
    expect(tokensNow()).toBe(expectedTokens());
    expect(tokensOf(["demo"])).toBeGreaterThan(0);
  });

  it("had nothing to correct downwards, so that counters can be compared", async () => {
    expect((await askInstant(stack.prometheusUrl, "moai_exposition_series_held"))[0]?.values).toEqual([0]);
  });

  it("has the queue of the Collector empty, and nothing lost in it", async () => {
    const lost = await askInstant(
      stack.prometheusUrl,
      `sum({__name__=~"otelcol_exporter_(send|enqueue)_failed_.*_total"}) or vector(0)`,
    );
    expect(lost[0]?.values).toEqual([0]);
    const waiting = await askInstant(stack.prometheusUrl, "sum(otelcol_exporter_queue_size)");
    expect(waiting[0]?.values).toEqual([0]);
  });

  describe("a panel", () => {
    const queries = boardQueries();
    const isChange = ({ expression }: BoardQuery): boolean =>
      expression.includes("min_over_time") && /offset \$\{period\}h\) - min_over_time/.test(expression);

    it.each(queries.filter((query) => !isChange(query)).map((query) => [nameOf(query), query] as const))(
      "shows what SQLite has: %s",
      async (name, query) => {
        const nowSeconds = Date.now() / 1000;
        const answer = await ask(query);
        expect(answer.length, name).toBeGreaterThan(0);
        const expected = expectations(rows, Math.ceil(nowSeconds - startedAtSeconds)).get(name);
        if (expected === undefined) {
          expect(answer.every(({ values }) => values.every((value) => Number.isFinite(value)))).toBe(true);
          return;
        }
        const shown = new Map(
          answer.map(({ labels, values }) => [Object.values(labels).join(), values.at(-1) ?? Number.NaN]),
        );
        expect([...shown.keys()].sort()).toEqual([...expected.shown.keys()].sort());
        for (const [key, value] of expected.shown) {
          const difference = Math.abs((shown.get(key) ?? Number.NaN) - value);
          expect(difference, `${key}: ${shown.get(key)} is not ${value}`).toBeLessThanOrEqual(
            Math.abs(value) * expected.tolerance + expected.least,
          );
        }
      },
    );

    it.each(queries.filter(isChange).map((query) => [nameOf(query), query] as const))(
      "shows a change as soon as there is a period before: %s",
      async (_, query) => {
        const half = `${Math.floor((worked.toSeconds - worked.fromSeconds) / 2)}s`;
        const expression = chosen(query.expression, { period: half, rateInterval: half });
        const answer = await askInstant(stack.prometheusUrl, expression, worked.toSeconds);
        expect(answer).toHaveLength(1);
        expect(answer[0]?.values[0]).not.toBeNaN();
      },
    );

    it("shows the same where VictoriaMetrics takes the place of Prometheus", async () => {
      const expected = expectations(rows, 1);
      const exact = queries.filter(
        (query) => query.isInstant && !isChange(query) && expected.get(nameOf(query))?.tolerance === EXACT.tolerance,
      );
      expect(exact.length).toBeGreaterThan(40);
      for (const query of exact) {
        const expression = chosen(query.expression, { period: "1h", rateInterval: "1m" });
        const answer = await askInstant(stack.victoriaUrl, expression);
        const shown = new Map(
          answer.map(({ labels, values }) => [Object.values(labels).join(), values[0] ?? Number.NaN]),
        );
        for (const [key, value] of expected.get(nameOf(query))?.shown ?? []) {
          expect(shown.get(key), `${nameOf(query)} ${key}`).toBeCloseTo(value, 6);
        }
      }
    });

    it("of single tasks shows the rows of SQLite", async () => {
      const panel = readBoards()
        .get("tasks")
        ?.panels.find(({ title }) => title === "Single tasks");
      const path = (panel?.targets[0]?.url ?? "")
        .replace(/\$\{__from\}/, String(Math.floor(startedAtSeconds * 1000) - 60_000))
        .replace(/\$\{__to\}/, String(Date.now()))
        .replaceAll(/\$\{(\w+):queryparam\}/g, "var-$1=%24__all");
      const answer = await fetch(`${stack.daemonUrl}${path}`, { headers: stack.authorization });
      const { tasks } = (await answer.json()) as { readonly tasks: readonly { readonly taskId: string }[] };
      expect(tasks.map(({ taskId }) => taskId)).toEqual(rows.tasks.map(({ taskId }) => taskId));
    });
  });

  it("shows every total within a scrape of when it was true, from the first fact on", async () => {
    const name = `{__name__=~"gen_ai_client_inference_usage_(input|output)_tokens_total"}`;
    const window = `${Math.ceil(Date.now() / 1000 - startedAtSeconds)}s`;
    const scrapes = new Map<number, number>();
    for (const { atSeconds, value } of await askRaw(stack.prometheusUrl, `${name}[${window}]`)) {
      scrapes.set(atSeconds, (scrapes.get(atSeconds) ?? 0) + value);
    }
    const sorted = [...scrapes].sort(([a], [b]) => a - b);
    expect(sorted.length).toBeGreaterThan(12);
    const totalAt = (millis: number): number => timeline.findLast(({ atMillis }) => atMillis <= millis)?.tokens ?? 0;
    for (const [i, [, shown]] of sorted.entries()) {
      const [before = 0] = sorted[i - 1] ?? [];
      const [after = Date.now() / 1000] = sorted[i + 1] ?? [];
      // What was true at the scrape before is shown; nothing is shown before it is true.
      expect(shown).toBeGreaterThanOrEqual(totalAt(before * 1000 - 100));
      expect(shown).toBeLessThanOrEqual(totalAt(after * 1000));
    }
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]?.[1]).toBeGreaterThanOrEqual(sorted[i - 1]?.[1] ?? 0);
  });

  it("gets the catalogue's metrics from the daemon alone, each series once", async () => {
    const catalogue = `{__name__=~"(gen_ai_client|gen_ai_invoke_agent|gen_ai_execute_tool|moai)_.*"}`;
    const jobs = await askInstant(stack.prometheusUrl, `count by (job) (${catalogue})`);
    expect(jobs.map(({ labels }) => labels["job"])).toEqual(["moai-metrics"]);
    const series = (await askInstant(stack.prometheusUrl, catalogue)).map(
      ({ labels: { job: _, instance: __, ...labels } }) => JSON.stringify(Object.entries(labels).sort()),
    );
    expect(series.length).toBeGreaterThan(100);
    expect(new Set(series).size).toBe(series.length);
  });

  it("shows metrics of others without ids, added up over their senders, with the team that pays", async () => {
    const delta = await askInstant(stack.prometheusUrl, "claude_code_token_usage_total");
    expect(delta.map(({ labels, values }) => [labels["team"], values[0]])).toEqual([["platform", 116]]);
    expect(Object.keys(delta[0]?.labels ?? {}).sort()).toEqual(["__name__", "instance", "job", "team", "type"]);
    const cumulative = await askInstant(stack.prometheusUrl, "gemini_cli_token_usage_total");
    expect(cumulative.map(({ values }) => values[0])).toEqual([39]);
  });

  it("lets no content through: the daemon finds none left to drop", async () => {
    const dropped = await askInstant(
      stack.prometheusUrl,
      `sum(moai_receiver_attributes_dropped_total{reason=~"content|personal"}) or vector(0)`,
    );
    expect(dropped[0]?.values).toEqual([0]);
    const points = stack.read(({ query }) => query.getPoints({ metric: "claude_code.token.usage" }));
    const series = JSON.stringify(points, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    expect(series).toContain("claude");
    expect(series).not.toContain("secret");
  });

  it("evaluates every rule", async () => {
    const answer = await fetch(`${stack.prometheusUrl}/api/v1/rules`);
    const { data } = (await answer.json()) as {
      readonly data: { readonly groups: readonly { readonly rules: readonly { readonly query: string }[] }[] };
    };
    const queries = data.groups.flatMap(({ rules }) => rules.map(({ query }) => query));
    expect(queries.length).toBeGreaterThan(12);
    for (const query of queries) await askInstant(stack.prometheusUrl, query);
    const named = new Set(
      queries.flatMap((query) => query.match(/\b(?:moai|otelcol|gen_ai)_[a-z_A-Z]+\b(?=[[{ ])/g) ?? []),
    );
    // Labels, and counters of what went wrong, which are there once something did.
    const absent =
      /^(?:moai_(?:agent_product|project|task_result)|gen_ai_(?:agent_name|request_model))$|_failed_|refused/;
    for (const name of [...named].filter((each) => !absent.test(each))) {
      expect(await askInstant(stack.prometheusUrl, name), name).not.toEqual([]);
    }
    const part = await askInstant(stack.prometheusUrl, "avg(up)");
    expect(part[0]?.values).toEqual([1]);
  });
});

function nameOf({ board, panel, refId }: BoardQuery): string {
  return `${board}/${panel}/${refId}`;
}

async function restart(part: Stack["daemon"]): Promise<void> {
  await part.stop();
  await part.start();
}

async function waitUntil(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await sleep(100);
  }
}

/** The program of the demo profile: its agents finish tasks, also badly. */
function runDemo(url: string): Promise<void> {
  const child = spawn(process.execPath, ["docker/demo.mjs", url, "26", "800"], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`The demo ended with ${code}.`))));
  });
}
