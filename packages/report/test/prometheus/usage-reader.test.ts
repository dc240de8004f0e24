import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type CounterReading,
  createUsageReader,
  renderExposition,
  usageByDimension,
  usageByPeriod,
  usageQuery,
} from "../../src/index.ts";
import { parseExposition } from "../support/parse-exports.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 20);

/** What some agents did on a day. */
function work(day: number): Fact[] {
  const at = START + day * DAY + 10_000_000;
  return ["main", "expert"].slice(0, day + 1).flatMap((agent, i): Fact[] => {
    const common = { witness: "transcript", product: "claude-code", sessionId: "s", taskId: `${agent}${day}` } as const;
    return [
      { ...common, kind: "session", project: "/p", activity: [] } as Fact,
      {
        ...common,
        kind: "task",
        agent,
        taskKind: "prompt",
        startedAtMillis: at,
        lastSeenAtMillis: at + 1_500,
        outcome: { result: i === 0 ? "success" : "failure", origin: "reported", atMillis: at + 1_500 },
      },
      {
        ...common,
        kind: "model_call",
        requestId: `${agent}${day}`,
        model: i === 0 ? "claude-sonnet-4-5" : "claude-opus-5-5",
        endedAtMillis: at + 1_000,
        durationMillis: 250,
        usage: { input: 10 + day, cacheRead: 100, cacheWrite5m: 30, cacheWrite1h: 0, output: 7, reasoning: 2 },
      },
      {
        ...common,
        kind: "tool_call",
        callId: `${agent}${day}`,
        tool: "Bash",
        startedAtMillis: at + 100,
        endedAtMillis: at + 200,
        isSuccess: i === 0,
      },
    ];
  });
}

/** What Prometheus would answer at a moment. */
function readingOf(store: Store, atMillis: number): CounterReading {
  const { metrics } = store.exposed.expose({ reader: "r", delivery: "looked_at" });
  const { samples } = parseExposition(renderExposition(metrics, "text").text);
  return {
    atMillis,
    samples: samples.map(({ name, labels, value }) => ({ labels: { ...labels, __name__: name }, value })),
  };
}

function threeDays() {
  const folder = mkdtempSync(join(tmpdir(), "usage-reader-"));
  let nowMillis = START;
  const store = openStore({ path: join(folder, "metrics.db"), now: () => nowMillis });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const readings = [readingOf(store, START)];
  for (let day = 0; day < 3; day++) {
    nowMillis = START + day * DAY + 10_060_000;
    store.write({ facts: work(day) });
    readings.push(readingOf(store, START + (day + 1) * DAY));
  }
  return { store, readings };
}

describe("usage from counters", () => {
  it("is what the ledger says, by day and by agent, model and project", () => {
    const { store, readings } = threeDays();
    const reader = createUsageReader(readings);
    const range = { startMillis: START, endMillis: START + 3 * DAY };
    const calendar = createZoneCalendar("UTC");
    const withoutSessions = ({ sessions: _sessions, ...row }: { sessions?: number }) => row;
    const question = { unit: "day", calendar, filter: {}, range } as const;
    const [days, ledgerDays] = [usageByPeriod(reader, question), usageByPeriod(store.ledger, question)];
    expect(days.rows).toHaveLength(3);
    expect(days.rows.map(withoutSessions)).toEqual(ledgerDays.rows.map(withoutSessions));
    expect(withoutSessions(days.totals)).toEqual(withoutSessions(ledgerDays.totals));
    for (const dimension of ["agent", "model", "project"] as const) {
      const asked = { dimensions: [dimension], filter: { range } };
      expect(usageByDimension(reader, asked)).toEqual(usageByDimension(store.ledger, asked));
    }
    const chosen = { dimensions: ["agent"] as const, filter: { range, agents: ["expert"] } };
    expect(usageByDimension(reader, chosen)).toEqual(usageByDimension(store.ledger, chosen));
  });

  it("goes on where a counter began anew, and asks for nothing that was not read", () => {
    const reading = (atMillis: number, value: number): CounterReading => ({
      atMillis,
      samples: [{ labels: { __name__: "gen_ai_client_inference_usage_output_tokens_total" }, value }],
    });
    const reader = createUsageReader([reading(0, 100), reading(DAY, 30), reading(2 * DAY, 35)]);
    const outputIn = (startMillis: number, endMillis: number) =>
      reader.usage({ range: { startMillis, endMillis } })[0]?.tokens.output;
    expect([outputIn(0, DAY), outputIn(DAY, 2 * DAY)]).toEqual([30, 5]);
    expect(() => outputIn(0, 5)).toThrow(/Nothing was asked about 1970/);
  });

  it("is asked for with the names of the catalogue", () => {
    expect(usageQuery()).toMatch(/^last_over_time\(\{__name__=~"[a-zA-Z_|]+"\}\[7d\]\)$/);
    for (const name of [
      "gen_ai_client_inference_usage_input_tokens_total",
      "moai_cost_USD_total",
      "moai_task_count_total",
    ]) {
      expect(usageQuery()).toContain(name);
    }
  });
});
