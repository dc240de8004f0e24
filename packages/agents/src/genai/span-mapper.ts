/** Maps a run of spans to facts, and puts calls and tasks under the tasks that enclose them. */
import { type Fact, type ModelCallFact, spanKey } from "@moai-metrics/model";
import { usageOf } from "./span-attributes.ts";
import {
  idsOf,
  innerFact,
  knowsItsTask,
  modelCallFacts,
  type OwnedFact,
  roleOf,
  sessionFacts,
  sumFact,
  taskFacts,
  toldCall,
  toolCallFacts,
  underTask,
} from "./span-facts.ts";
import { createSpanLinks, type InnerCall, type KeptSpan, type SpanLink, type ToldCall } from "./span-links.ts";
import type { SpanRecord } from "./span-record.ts";

/** Maps spans, in whatever order they come. */
export interface SpanMapper {
  /**
   * The facts of one span, the tasks of facts that were waiting for it, and that calls around it are sums of what is in
   * them. Never throws, but for what `load` throws.
   */
  map(span: SpanRecord): readonly Fact[];
  /** What has to be kept of the spans mapped since the last time: to be committed with their facts. */
  takeKept(): readonly KeptSpan[];
  /** Spans that were forgotten before the span around them came, so that their task stays unknown. */
  readonly forgotten: number;
}

/** Options of a mapper. */
export interface SpanMapperOptions {
  /** Parents that are waited for, and spans that are remembered, at the same time. Default 20,000. */
  readonly maxWaiting?: number | undefined;
  /** Facts that wait for the same parent. Default 5,000. */
  readonly maxOrphansPerParent?: number | undefined;
  /** Spans whose facts another witness tells for sure: only what lies below them is learned from them. Default none. */
  readonly isToldElsewhere?: ((span: SpanRecord) => boolean) | undefined;
  /** What an earlier mapper kept of a span, for one that goes on where that stopped. Default: nothing is kept. */
  readonly load?: ((key: number) => string | undefined) | undefined;
}

/** So far up is looked for the task of a call. */
const MAX_DEPTH = 100;
/** Calls inside of a span that are remembered, to know them again when a span around names the same response. */
const MAX_INSIDE = 16;

/**
 * Creates a mapper for spans of one stream. Most children come before their parents, so what a child belongs to is
 * learned later: its facts are handed out at once, and its ids again with their task when that is known; merging makes
 * them one. Spans that name their task themselves do not wait, and what waits at a session's span belongs to no task.
 * The innermost model call with usage is the fact; usage on spans around it (agent runs, outer wrappers) is its sum
 * and not counted. An outer one that came first was counted: then it is told to be a sum.
 */
export function createSpanMapper(options: SpanMapperOptions = {}): SpanMapper {
  const maxWaiting = options.maxWaiting ?? 20_000;
  const maxOrphansPerParent = options.maxOrphansPerParent ?? 5000;
  const isToldElsewhere = options.isToldElsewhere ?? (() => false);
  const links = createSpanLinks(maxWaiting, options.load);
  /** Ids of facts whose task is not known yet, by the span that has to come first. */
  const waiting = new Map<string, OwnedFact[]>();
  let forgotten = 0;

  const wait = (span: string, orphan: OwnedFact): void => {
    let orphans = waiting.get(span);
    if (orphans === undefined) {
      const [oldest] = waiting.keys();
      if (waiting.size >= maxWaiting && oldest !== undefined) {
        forgotten += waiting.get(oldest)?.length ?? 0;
        waiting.delete(oldest);
      }
      orphans = [];
      waiting.set(span, orphans);
    }
    if (orphans.length >= maxOrphansPerParent) forgotten += 1;
    else orphans.push(orphan);
  };

  /** The spans around, from the inside out, up to the first one that has not come. */
  function* around(parent: string | undefined): Generator<{ readonly span: string; readonly link: SpanLink }> {
    for (let depth = 0, at = parent; at !== undefined && depth < MAX_DEPTH; depth++) {
      const link: SpanLink = links.get(at) ?? NOT_COME;
      yield { span: at, link };
      if (link.role === "awaited") return;
      at = link.parent;
    }
  }

  /** Where the search for a task ends: at a task, at a span that has to come first, or nowhere. */
  const placeOf = (parent: string | undefined): { readonly task?: string; readonly awaited?: string } => {
    for (const { span, link } of around(parent)) {
      if (link.role === "task") return { task: span };
      if (link.role === "awaited") return { awaited: span };
      if (link.role === "session") return {};
    }
    return {};
  };

  /**
   * Tells every span around that calls with usage lie in it. Returns that calls which counted until now are sums, and
   * once more the calls inside that share their response with one of those.
   */
  const markAround = (parent: string | undefined, inside: readonly InnerCall[]): ModelCallFact[] => {
    const facts: ModelCallFact[] = [];
    for (let at = parent; at !== undefined; ) {
      const link: SpanLink = links.get(at) ?? NOT_COME;
      const known = link.inside ?? [];
      const news = inside
        .filter(({ span }) => !known.some((each) => each.span === span))
        .slice(0, MAX_INSIDE - known.length);
      // Then whatever lies around it knows as well.
      if (link.hasUsageBelow && news.length === 0) break;
      links.set(at, { ...link, hasUsageBelow: true, inside: [...known, ...news] });
      if (link.call !== undefined) {
        if (!link.hasUsageBelow) facts.push(sumFact(link.call));
        const shared = news.find(({ responseId }) => responseId === link.call?.responseId);
        const inner = shared && links.get(shared.span)?.call;
        if (inner !== undefined) facts.push(innerFact(inner));
      }
      at = link.parent;
    }
    return facts;
  };

  return {
    map: (span) => {
      const key = spanKey(span.traceId, span.spanId);
      const { parentSpanId, spanId } = span;
      const parent =
        parentSpanId === undefined || parentSpanId === spanId ? undefined : spanKey(span.traceId, parentSpanId);
      const role = roleOf(span);
      const known = links.get(key);
      const hasUsageBelow = known?.hasUsageBelow ?? false;
      const hasUsage = role === "model_call" && usageOf(span) !== undefined;
      const isOuter = role === "model_call" && hasUsageBelow;
      const own = isOuter || role === undefined || isToldElsewhere(span) ? [] : FACTS_OF[role](span);
      const call = toldCall(own);
      if (known === undefined || known.role === "awaited") {
        links.set(key, { parent, role: PLACES[role ?? "none"], hasUsageBelow, inside: known?.inside, call });
      }
      const ownResponse = hasUsage && !isOuter ? responseOf(key, call) : [];
      const corrections =
        hasUsage || hasUsageBelow ? markAround(parent, [...(known?.inside ?? []), ...ownResponse]) : [];
      const orphans = waiting.get(key) ?? [];
      waiting.delete(key);
      if (role === "session") return own;
      const place = placeOf(parent);
      const facts = own.map((fact) => {
        const ids = knowsItsTask(span) ? undefined : idsOf(fact);
        if (ids === undefined) return fact;
        if (place.awaited !== undefined) wait(place.awaited, ids);
        return place.task === undefined ? fact : { ...fact, ...underTask(ids, place.task) };
      });
      const settled = orphans.flatMap((orphan) => {
        const task = role === "task" ? key : place.task;
        if (task === undefined && place.awaited !== undefined) wait(place.awaited, orphan);
        return task === undefined ? [] : [underTask(orphan, task)];
      });
      return [...facts, ...settled, ...corrections] as readonly Fact[];
    },
    takeKept: () => links.takeChanged(),
    get forgotten() {
      return forgotten;
    },
  };
}

const NOT_COME: SpanLink = Object.freeze({ role: "awaited", hasUsageBelow: false });
const PLACES = { task: "task", session: "session", model_call: "other", tool_call: "other", none: "other" } as const;
const FACTS_OF = {
  session: sessionFacts,
  task: taskFacts,
  model_call: (span: SpanRecord) => modelCallFacts(span),
  tool_call: toolCallFacts,
} as const;

function responseOf(span: string, call: ToldCall | undefined): InnerCall[] {
  return call?.responseId === undefined ? [] : [{ span, responseId: call.responseId }];
}
