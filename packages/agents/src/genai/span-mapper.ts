/** Maps a run of spans to facts, and puts calls and tasks under the tasks that enclose them. */
import { type Fact, spanKey } from "@moai-metrics/model";
import { usageOf } from "./span-attributes.ts";
import {
  idsOf,
  knowsItsTask,
  modelCallFacts,
  type OwnedFact,
  roleOf,
  sessionFacts,
  taskFacts,
  toolCallFacts,
  underTask,
} from "./span-facts.ts";
import type { SpanRecord } from "./span-record.ts";

/** Maps spans in the order in which they ended. */
export interface SpanMapper {
  /** The facts of one span, and the tasks of facts that were waiting for it. Never throws. */
  map(span: SpanRecord): readonly Fact[];
  /** Spans that were forgotten before the span around them came, so that their task stays unknown. */
  readonly forgotten: number;
}

interface Waiting {
  /** Ids of facts below this span whose enclosing task is not known yet. */
  readonly orphans: OwnedFact[];
  /** A model call below reported usage: a usage reported above it is a sum. */
  hasUsageBelow: boolean;
}

/** Options of a mapper. */
export interface SpanMapperOptions {
  /** Parents that are waited for at the same time. Default 20,000. */
  readonly maxWaiting?: number | undefined;
  /** Facts that wait for the same parent. Default 5,000. */
  readonly maxOrphansPerParent?: number | undefined;
  /** Spans whose facts another witness tells for sure: only what lies below them is learned from them. Default none. */
  readonly isToldElsewhere?: ((span: SpanRecord) => boolean) | undefined;
}

/**
 * Creates a mapper for spans of one stream. Children end before their parents, so what a child belongs to is learned
 * later: its facts are handed out at once, and its ids again with their task when that is known; merging makes them
 * one. Spans that name their task themselves do not wait, and what waits at a session's span belongs to no task.
 * The innermost model call with usage is the fact; usage on spans around it (agent runs, outer wrappers) is its sum
 * and never counted.
 */
export function createSpanMapper(options: SpanMapperOptions = {}): SpanMapper {
  const maxWaiting = options.maxWaiting ?? 20_000;
  const maxOrphansPerParent = options.maxOrphansPerParent ?? 5000;
  const isToldElsewhere = options.isToldElsewhere ?? (() => false);
  const waiting = new Map<string, Waiting>();
  // Whoever sends spans again may send the outer one alone: it still is a sum.
  const knownSums = new Set<string>();
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

  const addOrphan = (parent: Waiting | undefined, orphan: OwnedFact | undefined): void => {
    if (parent === undefined || orphan === undefined) return;
    if (parent.orphans.length >= maxOrphansPerParent) forgotten += 1;
    else parent.orphans.push(orphan);
  };

  const remember = (key: string): void => {
    const [oldest] = knownSums;
    if (knownSums.size >= maxWaiting && oldest !== undefined) knownSums.delete(oldest);
    knownSums.add(key);
  };

  return {
    map: (span) => {
      const key = spanKey(span.traceId, span.spanId);
      const below = waiting.get(key);
      waiting.delete(key);
      const role = roleOf(span);
      const hasUsageBelow = (below?.hasUsageBelow ?? false) || knownSums.has(key);
      if (hasUsageBelow) remember(key);
      const parent = parentEntry(span);
      if (parent !== undefined && (hasUsageBelow || (role === "model_call" && usageOf(span) !== undefined))) {
        parent.hasUsageBelow = true;
      }
      const orphans = below?.orphans ?? [];
      if (role === "session") return isToldElsewhere(span) ? [] : sessionFacts(span);
      if (role !== "task") for (const orphan of orphans) addOrphan(parent, orphan);
      if (role === undefined || (role === "model_call" && hasUsageBelow)) return [];
      const facts = isToldElsewhere(span) ? [] : FACTS_OF[role](span);
      if (!knowsItsTask(span)) for (const fact of facts) addOrphan(parent, idsOf(fact));
      return role === "task" ? facts.concat(orphans.map((orphan) => underTask(orphan, key))) : facts;
    },
    get forgotten() {
      return forgotten;
    },
  };
}

const FACTS_OF = { task: taskFacts, model_call: modelCallFacts, tool_call: toolCallFacts } as const;
