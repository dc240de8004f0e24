/** What each recorded run truly was, by every path on which it can arrive, and by all of them together. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTelemetryMapper, createTranscriptSources, mapHook } from "@moai-metrics/agents";
import type { Fact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { recordedLogs, recordedSpans } from "../../agents/test/support/otlp-json.ts";

const FIXTURES = fileURLToPath(new URL("../../agents/test/fixtures/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "recorded-runs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let stores = 0;
function newStore(): Store {
  stores += 1;
  return openStore({ path: join(folder, `${stores}.db`) });
}

const mapper = () => createTelemetryMapper({ load: () => undefined });
const logsOf = (name: string): readonly Fact[] => mapper().mapLogs(recordedLogs(name)).facts;
const spansOf = (name: string): readonly Fact[] => mapper().mapSpans(recordedSpans(name)).facts;

function transcriptsOf(product: string, path: string): readonly Fact[] {
  const source = createTranscriptSources().find((each) => each.product === product);
  if (source === undefined) throw new Error(`There is no source of ${product}.`);
  const files = source.discover([join(FIXTURES, path)]).files;
  return files.flatMap((file) => [...source.read(file)].flatMap(({ facts }) => facts));
}

/** The times at which hooks ran were not recorded: evenly over the run. */
function hooksOf(path: string, startMillis: number): readonly Fact[] {
  const lines = readFileSync(join(FIXTURES, path), "utf8").trim().split("\n");
  return lines.flatMap((line, at) => {
    const mapped = mapHook(JSON.parse(line), startMillis + at * 20);
    return typeof mapped === "string" ? [] : mapped;
  });
}

const RUNS = [
  {
    name: "one prompt of Claude Code",
    paths: {
      logs: logsOf("claude-code-otlp/plain-logs.json"),
      spans: spansOf("claude-code-otlp/plain-traces.json"),
      transcript: transcriptsOf("claude-code", "claude-code/plain"),
    },
    calls: 2,
    tokens: [2400, 1600, 200, 690],
    toolCalls: 1,
    agents: ["main"],
  },
  {
    name: "a subagent of Claude Code",
    paths: {
      logs: logsOf("claude-code-otlp/subagent-logs.json"),
      spans: spansOf("claude-code-otlp/subagent-traces.json"),
      transcript: transcriptsOf("claude-code", "claude-code/subagent"),
    },
    beside: hooksOf("claude-code-otlp/subagent-hooks.jsonl", Date.UTC(2026, 10, 22, 7, 37, 34, 214)),
    calls: 7,
    tokens: [8400, 5600, 700, 2415],
    toolCalls: 5,
    agents: ["expert-backend", "main"],
  },
  {
    name: "one prompt of Codex",
    paths: { logs: logsOf("codex-otlp/logs.json"), transcript: transcriptsOf("codex", "codex") },
    calls: 2,
    tokens: [800, 1600, 0, 690],
    toolCalls: 1,
    agents: ["main"],
  },
  {
    name: "one prompt of Gemini CLI",
    paths: { logs: logsOf("gemini-cli-otlp/logs.json"), transcript: transcriptsOf("gemini-cli", "gemini-cli") },
    calls: 2,
    tokens: [800, 1600, 0, 690],
    toolCalls: 1,
    agents: ["main"],
  },
] as const;

function countsOf(store: Store) {
  const [sum] = store.ledger.usage({});
  const { tokens } = sum ?? {};
  return {
    calls: sum?.calls,
    tokens: [
      tokens?.input,
      tokens?.cacheRead,
      (tokens?.cacheWrite5m ?? 0) + (tokens?.cacheWrite1h ?? 0),
      tokens?.output,
    ],
  };
}

describe.each(RUNS)("$name", ({ paths, calls, tokens, toolCalls, agents, ...run }) => {
  it.each(Object.entries(paths))("has its true calls and tokens from the %s alone, also twice", (_path, facts) => {
    const store = newStore();
    store.write({ facts });
    store.write({ facts });
    expect(countsOf(store)).toEqual({ calls, tokens });
    store.close();
  });

  it("has the same from all paths together, in any order, twice, in any portions", () => {
    const all = [...Object.values(paths).flat(), ...("beside" in run ? run.beside : [])];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
        fc.integer({ min: 1, max: 40 }),
        (facts, portion) => {
          const store = newStore();
          for (let at = 0; at < facts.length; at += portion) store.write({ facts: facts.slice(at, at + portion) });
          expect(countsOf(store)).toEqual({ calls, tokens });
          expect(store.ledger.tools({}).reduce((sum, tool) => sum + tool.toolCalls, 0)).toBe(toolCalls);
          const tasks = store.ledger.tasks({});
          expect([...new Set(tasks.map(({ agent }) => agent))].toSorted()).toEqual(agents);
          expect(tasks).toHaveLength(agents.length);
          expect(tasks.reduce((sum, task) => sum + task.calls, 0)).toBe(calls);
          expect(store.checkRollups()).toEqual([]);
          store.close();
        },
      ),
      { numRuns: 12 },
    );
  });
});
