/**
 * The files of MoAI-ADK, and of the PRD's first hook, that carry tokens, durations, results, tests or coverage, as facts.
 * Sources: PRD-08 (the hook), and MoAI-ADK 3.1 (task-metrics.jsonl, token-accounting.jsonl, verify snapshots,
 * active-sessions.json).
 */
import { type Fact, hash53, joinKey, type QualityFact } from "@moai-metrics/model";
import { countOf, type JsonObject, listOf, MAX_PATH_LENGTH, objectOf, textOf, timeOf } from "../jsonl/json-values.ts";
import { reportedTaskFacts } from "./reported-task.ts";
import { AGENT_PRODUCT, SPEC_TAGS, sessionFact, specOf } from "./spec-sessions.ts";
import { taskResultOf } from "./task-result.ts";

/** Facts of a file, how many entries it has, and what of them gave none. */
export interface MoaiFileFacts {
  readonly entries: number;
  readonly facts: readonly Fact[];
  readonly skipped: readonly string[];
}

/** The day file of the PRD's `jq` hook: `{"tasks": [{task_id, agent, result, duration_ms, tokens, timestamp}]}`. */
export function mapDayFile(content: unknown, project: string): MoaiFileFacts {
  const entries = listOf(objectOf(content)?.["tasks"]);
  const seen = new Map<string, number>();
  return gather(entries, (entry, skip) => {
    const atMillis = timeOf(entry["timestamp"]);
    if (atMillis === undefined) return skip("task without a time");
    const result = taskResultOf(String(entry["result"] ?? ""));
    if (result === undefined) skip("result is none of success, failure, timeout, cancelled: unknown");
    const values = ["task_id", "agent", "result", "duration_ms", "tokens", "timestamp"].map((name) =>
      String(entry[name]),
    );
    return reportedTaskFacts(
      {
        // The file has no ids: entries that say the same are told apart by their number.
        id: `day:${placeOf([project, ...values], seen)}`,
        session: undefined,
        project,
        atMillis,
        kind: "hook",
        name: textOf(entry["task_id"]),
        agent: textOf(entry["agent"]),
        result: result ?? "unknown",
        tokens: countOf(entry["tokens"]),
        durationMillis: countOf(entry["duration_ms"]),
      },
      "hook",
    );
  });
}

/** `.moai/logs/task-metrics.jsonl`: a line behind each Agent call that returned, without the agent's name. */
export function mapTaskMetrics(lines: readonly unknown[], project: string): MoaiFileFacts {
  const seen = new Map<string, number>();
  return gather(lines, (entry, skip) => {
    const atMillis = timeOf(entry["timestamp"]);
    const sessionId = textOf(entry["session_id"]);
    if (atMillis === undefined || sessionId === undefined) return skip("task without a time or a session");
    const seconds = entry["duration_seconds"];
    return reportedTaskFacts(
      {
        id: `task-metrics:${placeOf([sessionId, String(entry["timestamp"])], seen)}`,
        session: { product: AGENT_PRODUCT, sessionId },
        project,
        atMillis,
        kind: "hook",
        result: "success",
        origin: "inferred",
        tokens: countOf(entry["tokens_used"]),
        durationMillis: typeof seconds === "number" && seconds >= 0 ? Math.round(seconds * 1_000) : undefined,
      },
      "hook",
    );
  });
}

/**
 * `.moai/state/token-accounting.jsonl`: the tokens of a session so far. They are sums over every transcript line, and a reply has
 * several lines, so they are shown and never summed.
 */
export function mapTokenAccounting(lines: readonly unknown[], project: string): MoaiFileFacts {
  return gather(lines, (entry, skip) => {
    const atMillis = timeOf(entry["recorded_at"]);
    const sessionId = textOf(entry["session_id"]);
    const models = objectOf(entry["models"]);
    if (atMillis === undefined || sessionId === undefined || models === undefined) {
      return skip("record without a time, a session or models");
    }
    const tokens = Object.values(models)
      .flatMap((model) => [objectOf(model)?.["main"], objectOf(model)?.["subagent"]])
      .flatMap((part) => Object.values(objectOf(part) ?? {}))
      .reduce<number>((sum, count) => sum + (countOf(count) ?? 0), 0);
    return reportedTaskFacts(
      {
        id: `token-accounting:${sessionId}`,
        session: { product: AGENT_PRODUCT, sessionId },
        project,
        atMillis,
        kind: "hook",
        name: textOf(entry["card"]),
        agent: textOf(entry["role"]),
        result: "unknown",
        origin: "inferred",
        tokens,
        isRough: true,
      },
      "hook",
    );
  });
}

/** `.moai/state/verify/snapshots/*.json`: what checks of the project found. Commands are not looked at. */
export function mapVerifySnapshot(content: unknown, project: string): MoaiFileFacts {
  return gather(listOf(objectOf(content)?.["checks"]), (entry, skip) => {
    const atMillis = timeOf(entry["recorded_at"]);
    const check = textOf(entry["check_id"], 60);
    if (atMillis === undefined || check === undefined || !/^[\w.:-]+$/.test(check))
      return skip("check without a time or a name");
    const found = objectOf(entry["conditions"]) ?? {};
    const base = { kind: "quality", witness: "toolReport", project, tool: `moai verify ${check}`, atMillis } as const;
    const facts: QualityFact[] = [];
    const percent = found["coverage_actual"];
    if (typeof percent === "number" && percent >= 0 && percent <= 100) {
      facts.push({ ...base, measure: "test_coverage", score: percent / 100 });
    }
    if (typeof found["tests_pass"] === "boolean") {
      facts.push({ ...base, measure: "benchmark_score", benchmark: "tests pass", score: found["tests_pass"] ? 1 : 0 });
    }
    const errors = countOf(found["error_count"]);
    if (errors !== undefined) facts.push({ ...base, measure: "benchmark_score", benchmark: "errors", score: errors });
    return facts.length === 0 ? skip("check without figures") : facts;
  });
}

/** `.moai/state/active-sessions.json`: which session works on which SPEC, in which phase. */
export function mapActiveSessions(content: unknown, project: string): MoaiFileFacts {
  const entries = Array.isArray(content) ? content : listOf(objectOf(content)?.["sessions"]);
  return gather(entries, (entry, skip) => {
    const sessionId = textOf(entry["session_id"]);
    const spec = specOf(entry["spec_id"]);
    if (sessionId === undefined || spec === undefined) return skip("session without a SPEC");
    const phase = textOf(entry["phase"], 30);
    const tags = {
      [SPEC_TAGS.spec]: spec,
      ...(phase !== undefined && /^[a-z]+$/.test(phase) ? { [SPEC_TAGS.phase]: phase } : {}),
    };
    const times = [timeOf(entry["started_at"]), timeOf(entry["last_heartbeat"])].filter((time) => time !== undefined);
    const activity = times.map((time) => ({ startMillis: time, endMillis: time }));
    return [sessionFact(sessionId, textOf(entry["cwd"], MAX_PATH_LENGTH) ?? project, tags, activity)];
  });
}

function gather(
  entries: readonly unknown[],
  map: (entry: JsonObject, skip: (reason: string) => readonly Fact[]) => readonly Fact[],
): MoaiFileFacts {
  const skipped: string[] = [];
  const skip = (reason: string): readonly Fact[] => {
    skipped.push(reason);
    return [];
  };
  const facts = entries.flatMap((given) => {
    const entry = objectOf(given);
    return entry === undefined ? skip("entry that is no object") : map(entry, skip);
  });
  return { entries: entries.length, facts, skipped };
}

/** The same values again are another entry. */
function placeOf(values: readonly string[], seen: Map<string, number>): string {
  const key = hash53(joinKey(...values)).toString(36);
  const number = seen.get(key) ?? 0;
  seen.set(key, number + 1);
  return `${key}-${number}`;
}
