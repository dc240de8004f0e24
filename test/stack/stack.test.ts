/**
 * The team's stack as it runs: recorded agents send to the Collector, it hands on to the daemon, Prometheus reads both.
 * One session of a minute, in which every part is stopped and started again, serves all tests.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRealPart } from "../real/parts.ts";
import { type BoardQuery, boardQueries, chosen, readBoards } from "./support/boards.ts";
import { expectations, OF_PARTS_ALONE } from "./support/expectations.ts";
import { expectedChanges } from "./support/expected-changes.ts";
import { expectedTotals } from "./support/expected-totals.ts";
import { askInstant, askRange, askRaw, type Sample } from "./support/prometheus-api.ts";
import { rateSeconds, runSession, type Session, tokensNow, tokensOf } from "./support/session.ts";
import { type Stack, startStack } from "./support/stack.ts";

const collector = findRealPart("otelcol-moai");
const prometheus = findRealPart("prometheus");
const victoria = findRealPart("victoria-metrics");
const isComplete = collector !== undefined && prometheus !== undefined && victoria !== undefined;
const DAY_SECONDS = 86_400;
/** What is left of a share or a sum of dollars after some additions in another order. */
const ROUNDING = 1e-9;

describe.skipIf(!isComplete)("the stack", () => {
  let stack: Stack;
  let session: Session;

  beforeAll(async () => {
    stack = await startStack({ collector: collector ?? "", prometheus: prometheus ?? "", victoria: victoria ?? "" });
    session = await runSession(stack);
  }, 240_000);
  afterAll(async () => {
    await stack?.stop();
  });

  /** As Grafana asks: days over a week, everything else about the end of the session. */
  const ask = async (query: BoardQuery, url = stack.prometheusUrl): Promise<readonly Sample[]> => {
    const { startedAtSeconds, endedAtSeconds, periodMillis } = session;
    const expression = chosen(query.expression, {
      // Changes compare one period with the other, all else is about everything.
      period: query.isChange ? `${periodMillis}ms` : "1h",
      rateInterval: `${rateSeconds(startedAtSeconds, endedAtSeconds)}s`,
    });
    if (query.step !== "1d") return askInstant(url, expression, endedAtSeconds);
    const today = Math.floor(endedAtSeconds / DAY_SECONDS) * DAY_SECONDS;
    return askRange(url, expression, { start: today - 6 * DAY_SECONDS, end: endedAtSeconds, step: DAY_SECONDS });
  };

  /** Values by the labels that a query leaves; of days their sum. */
  const shownOf = (answer: readonly Sample[]): ReadonlyMap<string, number> =>
    new Map(
      answer.map(({ labels: { __name__, instance: _, job: __, ...labels }, values }) => [
        Object.values(labels).join(),
        values.reduce((sum, value) => sum + value, 0),
      ]),
    );

  it("has every recorded token once, whatever was restarted meanwhile", () => {
    expect(tokensNow(stack)).toBe(session.expectedTokens);
    expect(tokensOf(stack, "demo")).toBeGreaterThan(0);
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
    const queries = boardQueries().map((query) => [nameOf(query), query] as const);

    it.each(queries)("shows what SQLite has, to a rounding: %s", async (name, query) => {
      const answer = await ask(query);
      expect(answer.length, name).toBeGreaterThan(0);
      expect(answer.every(({ values }) => values.every((value) => Number.isFinite(value)))).toBe(true);
      if (OF_PARTS_ALONE.has(name)) return;
      expectSame(shownOf(answer), expectations(session).get(name));
    });

    it("is expected to show something by name, and nothing else is", () => {
      const expected = [...expectations(session).keys(), ...OF_PARTS_ALONE].sort();
      expect(expected).toEqual(queries.map(([name]) => name).sort());
    });

    it("shows the same where VictoriaMetrics takes the place of Prometheus, but for rates, which it works out otherwise", async () => {
      const expected = { ...expectedTotals(session.now), ...expectedChanges(session.before, session.now) };
      let asked = 0;
      for (const [name, query] of queries) {
        if (!query.isInstant || expected[name] === undefined) continue;
        expectSame(shownOf(await ask(query, stack.victoriaUrl)), expected[name], name);
        asked += 1;
      }
      expect(asked).toBeGreaterThan(60);
    });

    it("of single tasks shows the rows of SQLite", async () => {
      const panel = readBoards()
        .get("tasks")
        ?.panels.find(({ title }) => title === "Single tasks");
      const path = (panel?.targets[0]?.url ?? "")
        .replace(/\$\{__from\}/, String(Math.floor(session.startedAtSeconds * 1000) - 60_000))
        .replace(/\$\{__to\}/, String(Date.now()))
        .replaceAll(/\$\{(\w+):queryparam\}/g, "var-$1=%24__all");
      const answer = await fetch(`${stack.daemonUrl}${path}`, { headers: stack.authorization });
      const { tasks } = (await answer.json()) as { readonly tasks: readonly { readonly taskId: string }[] };
      expect(tasks.map(({ taskId }) => taskId)).toEqual(session.now.tasks.map(({ taskId }) => taskId));
    });
  });

  it("shows every total within a scrape of when it was true, from the first fact on", async () => {
    const name = `{__name__=~"gen_ai_client_inference_usage_(input|output)_tokens_total"}`;
    const window = `${Math.ceil(Date.now() / 1000 - session.startedAtSeconds)}s`;
    const scrapes = new Map<number, number>();
    for (const { atSeconds, value } of await askRaw(stack.prometheusUrl, `${name}[${window}]`)) {
      scrapes.set(atSeconds, (scrapes.get(atSeconds) ?? 0) + value);
    }
    const sorted = [...scrapes].sort(([a], [b]) => a - b);
    expect(sorted.length).toBeGreaterThan(12);
    const totalAt = (millis: number): number =>
      session.timeline.findLast(({ atMillis }) => atMillis <= millis)?.tokens ?? 0;
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

function expectSame(
  shown: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, number> = new Map(),
  name = "",
): void {
  expect([...shown.keys()].sort(), name).toEqual([...expected.keys()].sort());
  for (const [key, value] of expected) {
    const difference = Math.abs((shown.get(key) ?? Number.NaN) - value);
    const allowed = ROUNDING * Math.max(1, Math.abs(value));
    expect(difference, `${name} ${key}: ${shown.get(key)} is not ${value}`).toBeLessThanOrEqual(allowed);
  }
}
