/** A store of some days of work, with everything that formats could tell differently. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DAY_MILLIS, type Fact, TASK_RESULTS } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { afterAll } from "vitest";

const START = Date.UTC(2026, 10, 9, 7, 10);
const DAYS = 9;
const AGENTS = ["main", "expert-backend", "manager-tdd"];
const MODELS = ["claude-sonnet-4-5", "claude-opus-4-5", "a model of my own"];

/** A folder for the tests of one file. */
export function temporaryFolderOfFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "moai-exports-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a new store with these facts; closed when the tests of the file are done. */
export function variedStore(path: string, facts: readonly Fact[] = variedFacts()): { store: Store; nowMillis: number } {
  const store = openStore({ path });
  store.write({ facts });
  afterAll(() => store.close());
  return { store, nowMillis: START + (DAYS + 1) * DAY_MILLIS };
}

/** Two sessions a day; prices that are reported, computed and not known; results of every kind. */
function variedFacts(): Fact[] {
  return Array.from({ length: 2 * DAYS }, (_, s): Fact[] => {
    const start = START + Math.floor(s / 2) * DAY_MILLIS + (s % 2) * 7 * 3_600_000;
    const base = { witness: "transcript", product: "claude-code", sessionId: `session-${s}` } as const;
    const project = `/home/dev/project-${s % 3}`;
    const tasks = AGENTS.flatMap((agent, a): Fact[] => {
      const taskId = `task-${s}-${a}`;
      const endMillis = start + (a + 1) * 1_234_567 + s * 1_000;
      const calls = Array.from({ length: 2 + ((s + a) % 3) }, (_, c): Fact => {
        const number = s * 100 + a * 10 + c;
        return {
          ...{ ...base, kind: "model_call", taskId, requestId: `request-${number}`, model: MODELS[(s + a) % 3] ?? "" },
          ...{
            endedAtMillis: endMillis - c * 61_000,
            durationMillis: 137 * (number + 1),
            firstChunkMillis: 40 + number,
          },
          usage: {
            ...{ input: 101 + number, cacheRead: 20_003 + 7 * number, cacheWrite5m: 301, cacheWrite1h: 11 },
            ...{ output: 400 + 3 * number, reasoning: 17 },
          },
          ...(number % 7 === 0 ? { reportedCostNanoUsd: 12_345_000 + number } : {}),
        };
      });
      return [
        {
          ...{ ...base, kind: "task", taskId, agent, startedAtMillis: start, lastSeenAtMillis: endMillis },
          outcome: { result: TASK_RESULTS[(s + 2 * a) % 5] ?? "unknown", origin: "reported", atMillis: endMillis },
        },
        ...calls,
        {
          ...{ ...base, kind: "tool_call", taskId, callId: `tool-${s}-${a}`, tool: "Bash" },
          ...{ startedAtMillis: endMillis - 2_000, endedAtMillis: endMillis - 700, isSuccess: s % 4 !== 0 },
        },
      ];
    });
    return [
      { ...base, kind: "session", project, activity: [{ startMillis: start, endMillis: start + 3_800_000 }] },
      ...tasks,
    ];
  }).flat();
}
