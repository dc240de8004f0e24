/** Brings spans into the order in which they ended. Pure. */
import { spanKey } from "@moai-metrics/model";
import type { SpanRecord } from "./span-record.ts";

/**
 * The spans with every child before its parent. Most senders keep that order, and their list is returned as it is;
 * some collectors and libraries send a trace from its root down.
 */
export function childrenFirst(spans: readonly SpanRecord[]): readonly SpanRecord[] {
  if (isChildrenFirst(spans)) return spans;
  const spanOf = new Map(spans.map((span) => [keyOf(span), span]));
  const depths = new Map<string, number>();
  for (const span of spans) {
    const path: string[] = [];
    // A depth of its own first, so that spans that name each other as parents come to an end.
    for (let at: SpanRecord | undefined = span; at !== undefined && !depths.has(keyOf(at)); at = parentOf(at, spanOf)) {
      depths.set(keyOf(at), 0);
      path.push(keyOf(at));
    }
    const last = spanOf.get(path.at(-1) ?? "");
    const above = last && parentOf(last, spanOf);
    let depth = above === undefined ? 0 : (depths.get(keyOf(above)) ?? 0) + 1;
    for (const key of path.toReversed()) depths.set(key, depth++);
  }
  const depthOf = (span: SpanRecord): number => depths.get(keyOf(span)) ?? 0;
  return spans.toSorted((a, b) => depthOf(b) - depthOf(a));
}

function isChildrenFirst(spans: readonly SpanRecord[]): boolean {
  const seen = new Set<string>();
  for (const span of spans) {
    if (span.parentSpanId !== undefined && seen.has(spanKey(span.traceId, span.parentSpanId))) return false;
    seen.add(keyOf(span));
  }
  return true;
}

function keyOf({ traceId, spanId }: SpanRecord): string {
  return spanKey(traceId, spanId);
}

function parentOf(
  { traceId, parentSpanId }: SpanRecord,
  spanOf: ReadonlyMap<string, SpanRecord>,
): SpanRecord | undefined {
  return parentSpanId === undefined ? undefined : spanOf.get(spanKey(traceId, parentSpanId));
}
