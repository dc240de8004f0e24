/** How spans lie in each other, as far as it matters to those that come later: in any order, also after a restart. */
import { hash53, type ModelCallFact } from "@moai-metrics/model";

/** A call as far as it takes to tell it again, or to take it back. */
export type ToldCall = Pick<
  ModelCallFact,
  "product" | "sessionId" | "requestId" | "responseId" | "endedAtMillis" | "model" | "usage"
>;

/** A call with usage that lies in another span. */
export interface InnerCall {
  readonly span: string;
  readonly responseId: string;
}

/** What is remembered of a span that has come, or of one that is awaited and has usage below it. */
export interface SpanLink {
  /** The span around it; undefined as long as the span has not come, and for a root. */
  readonly parent?: string | undefined;
  /** `awaited`: it has not come yet. At a `task` or a `session` the search for the task of a call ends. */
  readonly role: "awaited" | "task" | "session" | "other";
  /** A model call below reported usage: a usage reported here is a sum. */
  readonly hasUsageBelow: boolean;
  /** Of these calls, those that name a response: a span around may name the same one. */
  readonly inside?: readonly InnerCall[] | undefined;
  /** The call that was told of this span. */
  readonly call?: ToldCall | undefined;
}

/** A span as it is kept between two runs of a daemon. */
export interface KeptSpan {
  /** A hash of its ids. */
  readonly key: number;
  readonly state: string;
}

/** Remembers spans by their `spanKey`. */
export interface SpanLinks {
  get(span: string): SpanLink | undefined;
  set(span: string, link: SpanLink): void;
  /** What was set since the last time, to be kept; empty where nothing is loaded. */
  takeChanged(): readonly KeptSpan[];
}

/**
 * @param maxLinks spans that are remembered without asking.
 * @param load what an earlier run kept of a span; undefined where nothing is kept.
 */
export function createSpanLinks(maxLinks: number, load?: (key: number) => string | undefined): SpanLinks {
  const links = new Map<string, SpanLink>();
  const changed = new Map<string, SpanLink>();
  const remember = (span: string, link: SpanLink): void => {
    const [oldest] = links.keys();
    if (links.size >= maxLinks && !links.has(span) && oldest !== undefined) links.delete(oldest);
    links.set(span, link);
  };
  return {
    get(span) {
      const known = links.get(span) ?? changed.get(span);
      if (known !== undefined || load === undefined) return known;
      const state = load(hash53(span));
      if (state === undefined) return undefined;
      const kept = decodeLink(span, state);
      remember(span, kept);
      return kept;
    },
    set(span, link) {
      remember(span, link);
      if (load !== undefined) changed.set(span, link);
    },
    takeChanged() {
      const kept = [...changed].map(([span, link]) => ({ key: hash53(span), state: encodeLink(link) }));
      changed.clear();
      return kept;
    },
  };
}

/** As it is written. A span lies in the trace of the span around it, so the number of the span is enough. */
interface Kept {
  readonly parentId?: string | undefined;
  readonly role: SpanLink["role"];
  readonly isOuter?: true | undefined;
  readonly inside?: readonly (readonly [spanId: string, responseId: string])[] | undefined;
  readonly call?: ToldCall | undefined;
}

const SPAN_ID_LENGTH = 16;

function encodeLink({ parent, role, hasUsageBelow, inside, call }: SpanLink): string {
  return JSON.stringify({
    parentId: parent?.slice(-SPAN_ID_LENGTH),
    role,
    isOuter: hasUsageBelow || undefined,
    inside: inside?.map(({ span, responseId }) => [span.slice(-SPAN_ID_LENGTH), responseId] as const),
    call,
  } satisfies Kept);
}

function decodeLink(span: string, text: string): SpanLink {
  const { parentId, role, isOuter, inside, call } = JSON.parse(text) as Kept;
  const inTrace = (spanId: string): string => span.slice(0, -SPAN_ID_LENGTH) + spanId;
  return {
    parent: parentId && inTrace(parentId),
    role,
    hasUsageBelow: isOuter ?? false,
    inside: inside?.map(([spanId, responseId]) => ({ span: inTrace(spanId), responseId })),
    call,
  };
}
