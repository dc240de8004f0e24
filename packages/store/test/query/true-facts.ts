/**
 * Generated facts, and everything a store holds read back row by row, so that every answer can be worked out again the
 * slow way: by going through all rows.
 */
import { type Fact, TASK_RESULTS } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import type { FactFilter } from "../../src/query/types.ts";

const MINUTE = 60_000;

export const PRODUCTS = ["claude-code", "it's; DROP TABLE task"] as const;
export const PROJECTS = ["/home/a", '/home/"b"', "проект"] as const;
export const AGENTS = ["main", "expert-backend", "%"] as const;
export const MODELS = ["claude-sonnet-4-5", "a model without a price"] as const;
export const BRANCHES = ["main", "feature/'x'"] as const;
export const TOOLS = ["Bash", "Edit"] as const;
export const ERROR_TYPES = ["rate_limit", "overloaded"] as const;
export const TAG_KEYS = ["team", "ticket"] as const;
export const TAG_VALUES = ["core", "infra"] as const;
export const SESSIONS = Array.from({ length: 12 }, (_, i) => `session-${i}`);
export const TASKS = Array.from({ length: 40 }, (_, i) => `task-${i}`);

const productOf = (session: number): string => PRODUCTS[session % PRODUCTS.length] ?? "";
const sessionOf = (task: number): number => task % SESSIONS.length;

/** Facts between two moments: some cluster in a few quarter hours, tokens and durations vary widely. */
export function generateFacts(startMillis: number, endMillis: number, count: number, seed: number): Fact[] {
  const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(value, { nil: undefined, freq: 4 });
  const time = fc.oneof(
    fc.integer({ min: startMillis, max: endMillis - 1 }),
    fc.integer({ min: 0, max: 5 }).chain((i) => {
      const cluster = startMillis + Math.floor(((endMillis - startMillis) * i) / 6);
      return fc.integer({ min: cluster, max: Math.min(endMillis - 1, cluster + 20 * MINUTE) });
    }),
  );
  const amount = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 200_000 }));
  const taskNumber = fc.integer({ min: 0, max: TASKS.length - 1 });
  const witness = fc.constant("transcript" as const);
  const ids = fc.integer({ min: 0, max: 2 ** 40 });

  const call = fc
    .record({ task: maybe(taskNumber), session: fc.integer({ min: 0, max: SESSIONS.length - 1 }) })
    .chain(({ task, session }) =>
      fc.record({
        kind: fc.constant("model_call" as const),
        witness,
        product: fc.constant(productOf(task === undefined ? session : sessionOf(task))),
        sessionId: fc.constant(SESSIONS[task === undefined ? session : sessionOf(task)] ?? ""),
        taskId: fc.constant(task === undefined ? undefined : TASKS[task]),
        requestId: ids.map((id) => `request-${id}`),
        endedAtMillis: time,
        durationMillis: maybe(amount),
        firstChunkMillis: maybe(amount),
        model: maybe(fc.constantFrom(...MODELS)),
        usage: maybe(
          fc.record({
            input: amount,
            cacheRead: amount,
            cacheWrite5m: amount,
            cacheWrite1h: amount,
            output: amount,
            reasoning: fc.constant(0),
          }),
        ),
        reportedCostNanoUsd: fc.option(amount, { nil: undefined, freq: 2 }),
        errorType: fc.option(fc.constantFrom(...ERROR_TYPES), { nil: undefined, freq: 2 }),
      }),
    );
  const tool = taskNumber.chain((task) =>
    time.chain((startedAtMillis) =>
      fc.record({
        kind: fc.constant("tool_call" as const),
        witness,
        product: fc.constant(productOf(sessionOf(task))),
        sessionId: fc.constant(SESSIONS[sessionOf(task)] ?? ""),
        taskId: fc.constantFrom(TASKS[task], undefined),
        callId: ids.map((id) => `tool-${id}`),
        tool: maybe(fc.constantFrom(...TOOLS)),
        startedAtMillis: fc.constant(startedAtMillis),
        endedAtMillis: maybe(amount.map((duration) => startedAtMillis + duration)),
        isSuccess: maybe(fc.boolean()),
        errorType: fc.option(fc.constantFrom(...ERROR_TYPES), { nil: undefined, freq: 2 }),
      }),
    ),
  );
  // Tasks with calls stretch over their calls; those with ids of their own stay short.
  const task = fc.record({ owner: taskNumber, own: fc.boolean(), id: ids, at: time }).chain(({ owner, own, id, at }) =>
    fc.record({
      kind: fc.constant("task" as const),
      witness,
      product: fc.constant(productOf(sessionOf(owner))),
      sessionId: fc.constant(SESSIONS[sessionOf(owner)] ?? ""),
      taskId: fc.constant(own ? `own-${id}` : (TASKS[owner] ?? "")),
      taskKind: maybe(fc.constantFrom("prompt" as const, "subagent" as const)),
      agent: maybe(fc.constantFrom(...AGENTS)),
      startedAtMillis: maybe(amount.map((duration) => at - duration)),
      lastSeenAtMillis: fc.constant(at),
      outcome: maybe(
        fc.record({
          result: fc.constantFrom(...TASK_RESULTS),
          origin: fc.constantFrom("reported" as const, "inferred" as const),
          atMillis: fc.constant(at),
          errorType: fc.option(fc.constantFrom(...ERROR_TYPES), { nil: undefined, freq: 2 }),
        }),
      ),
    }),
  );
  const session = fc.integer({ min: 0, max: SESSIONS.length - 1 }).chain((number) =>
    time.chain((at) =>
      fc.record({
        kind: fc.constant("session" as const),
        witness,
        product: fc.constant(productOf(number)),
        sessionId: fc.constant(SESSIONS[number] ?? ""),
        project: fc.constant(PROJECTS[number % PROJECTS.length]),
        branch: maybe(fc.constantFrom(...BRANCHES)),
        activity: fc.constant([{ startMillis: at, endMillis: at + MINUTE }]),
        tags: fc.constant(number % 4 === 3 ? {} : { [TAG_KEYS[number % 2] ?? ""]: TAG_VALUES[(number % 3) % 2] ?? "" }),
      }),
    ),
  );
  return fc.sample(fc.oneof(call, call, call, tool, task, task, session), { numRuns: count, seed }) as Fact[];
}

/** A fact with everything that filters and groups can see, whatever its kind. */
export interface TrueFact {
  readonly population: "calls" | "tools" | "tasks";
  readonly id: number;
  readonly millis: number;
  readonly product: string;
  readonly project: string;
  readonly agent: string;
  readonly model: string;
  readonly sessionId: string;
  readonly taskId: string | undefined;
  readonly branch: string;
  readonly kind: string;
  /** Of the task it belongs to; undefined without one. */
  readonly result: string | undefined;
  readonly tool: string;
  readonly errorType: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly row: Readonly<Record<string, number | string | null>>;
}

type Row = Record<string, number | string | null>;

/** Every fact in a file. */
export function readTrueFacts(path: string): TrueFact[] {
  const database = new Database(path, { readonly: true });
  try {
    const all = (table: string): Row[] => database.prepare(`SELECT * FROM ${table}`).all() as Row[];
    const names = new Map(all("string").map(({ id, text }) => [id, String(text)]));
    const nameOf = (id: unknown): string => names.get(id as number) ?? "";
    const sessions = new Map(all("session").map((row) => [row["id"], row]));
    const tasks = new Map(all("task").map((row) => [row["id"], row]));
    const tags = Map.groupBy(all("session_tag"), (row) => row["session_id"]);
    const toFact = (population: TrueFact["population"], row: Row, time: string): TrueFact => {
      const session = sessions.get(row["session_id"] ?? 0) ?? {};
      const task = population === "tasks" ? row : tasks.get(row["task_id"] ?? 0);
      return {
        population,
        id: row["id"] as number,
        millis: row[time] as number,
        product: nameOf(session["product_id"]),
        project: nameOf(session["project_id"]),
        agent: nameOf(task?.["agent_id"]),
        model: nameOf(row["model_id"]),
        sessionId: String(session["session_key"]),
        taskId: task === undefined ? undefined : String(task["task_key"]),
        branch: nameOf(session["branch_id"]),
        kind: String(task?.["kind"] ?? ""),
        result: task === undefined ? undefined : String(task["result"] ?? "open"),
        tool: nameOf(row["tool_id"]),
        errorType: nameOf(row["error_type_id"]),
        tags: new Map(
          (tags.get(row["session_id"] ?? 0) ?? []).map((tag) => [nameOf(tag["key_id"]), nameOf(tag["value_id"])]),
        ),
        row,
      };
    };
    return [
      ...all("model_call_fact").map((row) => toFact("calls", row, "ended_at")),
      ...all("tool_call").map((row) => toFact("tools", row, "started_at")),
      ...all("task")
        .filter((row) => row["last_seen_at"] !== null)
        .map((row) => toFact("tasks", row, "last_seen_at")),
    ];
  } finally {
    database.close();
  }
}

/** Whether a fact is what a filter asks for. */
export function matches(fact: TrueFact, filter: FactFilter): boolean {
  const { range, tags } = filter;
  const isOneOf = (value: string | undefined, wanted: readonly string[] | undefined): boolean =>
    wanted === undefined || (value !== undefined && wanted.includes(value));
  return (
    (range === undefined || (fact.millis >= range.startMillis && fact.millis < range.endMillis)) &&
    isOneOf(fact.product, filter.products) &&
    isOneOf(fact.project, filter.projects) &&
    isOneOf(fact.agent, filter.agents) &&
    isOneOf(fact.model, filter.models) &&
    isOneOf(fact.sessionId, filter.sessionIds) &&
    isOneOf(fact.taskId, filter.taskIds) &&
    isOneOf(fact.branch, filter.branches) &&
    isOneOf(fact.kind, filter.kinds) &&
    isOneOf(fact.result, filter.results) &&
    isOneOf(fact.tool, filter.tools) &&
    isOneOf(fact.errorType, filter.errorTypes) &&
    Object.entries(tags ?? {}).every(([key, values]) => values.includes(fact.tags.get(key) ?? "no such tag"))
  );
}

/** The value of a measure that single facts have, or undefined. */
export function measuredValue(fact: TrueFact, measure: string): number | undefined {
  const { row } = fact;
  const number = (name: string): number => Number(row[name] ?? 0);
  const known = (name: string): number | undefined => (row[name] === null ? undefined : number(name));
  const total =
    number("input") + number("cache_read") + number("cache_write_5m") + number("cache_write_1h") + number("output");
  const hasUsage = row["input"] !== null;
  const usage = (value: number): number | undefined => (hasUsage ? value : undefined);
  if (fact.population === "calls") {
    switch (measure) {
      case "tokens":
        return usage(total);
      case "inputTokens":
        return usage(number("input"));
      case "cacheReadTokens":
        return usage(number("cache_read"));
      case "cacheWriteTokens":
        return usage(number("cache_write_5m") + number("cache_write_1h"));
      case "cacheWrite5mTokens":
        return usage(number("cache_write_5m"));
      case "cacheWrite1hTokens":
        return usage(number("cache_write_1h"));
      case "outputTokens":
        return usage(number("output"));
      case "reasoningTokens":
        return usage(number("reasoning"));
      case "cost":
        return hasUsage ? known("cost_nano_usd") : undefined;
      case "callDuration":
        return known("duration_ms");
      case "firstChunk":
        return known("first_chunk_ms");
      case "calls":
        return row["error_type_id"] === 0 || hasUsage ? 1 : undefined;
      case "callErrors":
        return row["error_type_id"] === 0 ? undefined : 1;
      case "callsWithoutUsage":
        return row["error_type_id"] === 0 && !hasUsage ? 1 : undefined;
      case "unpricedCalls":
        return hasUsage && row["cost_nano_usd"] === null ? 1 : undefined;
      default:
        return undefined;
    }
  }
  if (fact.population === "tools") {
    if (measure === "toolCalls") return 1;
    if (measure === "toolErrors") return row["is_success"] === 0 ? 1 : undefined;
    return row["ended_at"] === null ? undefined : number("ended_at") - number("started_at");
  }
  if (row["result"] === null) return undefined;
  const results: Record<string, string> = {
    successfulTasks: "success",
    failedTasks: "failure",
    timedOutTasks: "timeout",
    cancelledTasks: "cancelled",
    unknownTasks: "unknown",
  };
  if (measure === "tasks") return 1;
  if (results[measure] !== undefined) return row["result"] === results[measure] ? 1 : undefined;
  if (measure === "taskTokens") return number("calls") > number("calls_without_usage") ? total : undefined;
  return row["started_at"] === null ? undefined : number("last_seen_at") - number("started_at");
}
