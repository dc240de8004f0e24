/** Maps a run of spans to facts, and puts calls and tasks under the tasks that enclose them. */
import { type Fact, spanKey } from "@moai-metrics/model";
import { usageOf } from "./span-attributes.ts";
import { modelCallFacts, roleOf, sessionFacts, taskFacts, toolCallFacts } from "./span-facts.ts";
import type { SpanRecord } from "./span-record.ts";

/** Maps spans in the order in which they ended. */
export interface SpanMapper {
  /** The facts of one span, and corrected facts of spans that were waiting for it. Never throws. */
  map(span: SpanRecord): readonly Fact[];
  /** Spans that were forgotten before their parent came. */
  readonly forgotten: number;
}

interface Waiting {
  /** Spans below this one whose enclosing task is not known yet. */
  readonly orphans: SpanRecord[];
  /** A model call below reported usage: a usage reported above it is a sum. */
  hasUsageBelow: boolean;
}

/** Options of a mapper. */
export interface SpanMapperOptions {
  /** Parents that are waited for at the same time. Default 20,000. */
  readonly maxWaiting?: number | undefined;
}

/**
 * Creates a mapper for spans of one stream. Children end before their parents, so what a child belongs to is learned
 * later: its facts are handed out at once, and again with their task when that is known; merging makes them one.
 * The innermost model call with usage is the fact; usage on spans around it (agent runs, outer wrappers) is its sum
 * and never counted.
 */
export function createSpanMapper(options: SpanMapperOptions = {}): SpanMapper {
  const maxWaiting = options.maxWaiting ?? 20_000;
  const waiting = new Map<string, Waiting>();
  let forgotten = 0;

  const parentEntry = (span: SpanRecord): Waiting | undefined => {
    if (span.parentSpanId === undefined) return undefined;
    const key = spanKey(span.traceId, span.parentSpanId);
    let entry = waiting.get(key);
    if (entry === undefined) {
      const [oldest] = waiting.keys();
      if (waiting.size >= maxWaiting && oldest !== undefined) {
        forgotten += waiting.get(oldest)?.orphans.length ?? 0;
        waiting.delete(oldest);
      }
      entry = { orphans: [], hasUsageBelow: false };
      waiting.set(key, entry);
    }
    return entry;
  };

  return {
    map: (span) => {
      const key = spanKey(span.traceId, span.spanId);
      const below = waiting.get(key);
      waiting.delete(key);
      const role = roleOf(span);
      const hasUsageBelow = below?.hasUsageBelow ?? false;
      const parent = parentEntry(span);
      if (parent !== undefined && (hasUsageBelow || (role === "model_call" && usageOf(span) !== undefined))) {
        parent.hasUsageBelow = true;
      }
      if (role === "task") {
        parent?.orphans.push(span);
        return [...factsOf(span, undefined), ...(below?.orphans ?? []).flatMap((orphan) => factsOf(orphan, key))];
      }
      parent?.orphans.push(...(below?.orphans ?? []));
      if (role === undefined || (role === "model_call" && hasUsageBelow)) return [];
      if (role !== "session") parent?.orphans.push(span);
      return factsOf(span, undefined);
    },
    get forgotten() {
      return forgotten;
    },
  };
}

function factsOf(span: SpanRecord, taskId: string | undefined): readonly Fact[] {
  switch (roleOf(span)) {
    case "session":
      return sessionFacts(span);
    case "task":
      return taskFacts(span, taskId);
    case "model_call":
      return modelCallFacts(span, taskId);
    case "tool_call":
      return toolCallFacts(span, taskId);
    case undefined:
      return [];
  }
}
