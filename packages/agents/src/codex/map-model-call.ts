/**
 * Model calls of a rollout, each once.
 *
 * Newer versions write a record for each response. Older ones only tell the thread's running counts, again and again:
 * a call is the difference to what was told before, and the same counts told again are none.
 */
import { normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { MapperOptions } from "./mapping.ts";
import { PRODUCT } from "./product.ts";
import type { Thread } from "./reading-state.ts";
import type { CodexRecord, CodexUsage } from "./record.ts";
import { codexUsageKey } from "./usage-key.ts";

type CountingRecord = Extract<CodexRecord, { kind: "response" | "total" }>;

/** Maps what tells of model calls. */
export interface CallMapper {
  map(record: CountingRecord, thread: Thread, taskId: string | undefined): void;
}

/** Creates a {@link CallMapper}. */
export function createCallMapper({ state, facts, skip }: MapperOptions): CallMapper {
  /** Every call that is told apart here is a sighting of its own. */
  const nextKey = (thread: Thread, usage: CodexUsage): string => {
    state.calls += 1;
    return codexUsageKey(state.keys, String(state.calls), thread.threadId, state.model, usage);
  };

  const add = (
    thread: Thread,
    taskId: string | undefined,
    atMillis: number,
    usage: CodexUsage,
    ids: { readonly requestId: string; readonly responseId?: string },
  ): void => {
    state.lastCounted = { requestId: ids.requestId, usage };
    facts.addModelCall({
      kind: "model_call",
      witness: "transcript",
      product: PRODUCT,
      sessionId: thread.sessionId,
      taskId,
      ...ids,
      endedAtMillis: atMillis,
      model: state.model,
      usage: normalizeTokens(usage, TOKEN_CONVENTIONS.openai),
    });
  };

  const mapResponse = (record: Extract<CodexRecord, { kind: "response" }>, thread: Thread, taskId?: string): void => {
    const { usage, responseId, threadId, threadTotal, atMillis } = record;
    if (threadId !== undefined && threadId !== thread.threadId) {
      skip("history of another thread");
      return;
    }
    const { lastCounted, total } = state;
    // Told before by the running counts: the same call, which now gets its id.
    const isKnown =
      lastCounted !== undefined &&
      total !== undefined &&
      threadTotal !== undefined &&
      isSame(threadTotal, total) &&
      isSame(lastCounted.usage, usage);
    const requestId = isKnown ? lastCounted.requestId : nextKey(thread, usage);
    state.total = threadTotal ?? (total === undefined ? undefined : sum(total, usage));
    add(thread, taskId, atMillis, usage, { requestId, responseId });
  };

  const mapTotal = (record: Extract<CodexRecord, { kind: "total" }>, thread: Thread, taskId?: string): void => {
    const { total, last, atMillis } = record;
    const before = state.total;
    if (before !== undefined && isSame(before, total)) return;
    state.total = total;
    const usage = before === undefined || isLess(total, before) ? (last ?? total) : difference(total, before);
    add(thread, taskId, atMillis, usage, { requestId: nextKey(thread, usage) });
  };

  return {
    map: (record, thread, taskId) => {
      if (record.kind === "response") mapResponse(record, thread, taskId);
      else mapTotal(record, thread, taskId);
    },
  };
}

const PARTS = ["input", "cacheRead", "cacheWrite", "output", "reasoning"] as const;

function combine(a: CodexUsage, b: CodexUsage, of: (x: number, y: number) => number): CodexUsage {
  return {
    input: of(a.input, b.input),
    cacheRead: of(a.cacheRead, b.cacheRead),
    cacheWrite: of(a.cacheWrite, b.cacheWrite),
    output: of(a.output, b.output),
    reasoning: of(a.reasoning, b.reasoning),
  };
}

function sum(a: CodexUsage, b: CodexUsage): CodexUsage {
  return combine(a, b, (x, y) => x + y);
}

function difference(now: CodexUsage, before: CodexUsage): CodexUsage {
  return combine(now, before, (x, y) => Math.max(0, x - y));
}

function isSame(a: CodexUsage, b: CodexUsage): boolean {
  return PARTS.every((part) => a[part] === b[part]);
}

/** A running count that has fallen begins anew. */
function isLess(now: CodexUsage, before: CodexUsage): boolean {
  return now.input + now.output < before.input + before.output;
}
