/** Starts and ends the spans that describe sessions, tasks, agent runs, model calls and tool calls. */
import { randomUUID } from "node:crypto";
import { spanKey } from "@moai-metrics/model";
import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { type KeyedAttributes, spanAttributes } from "./attributes.ts";
import { currentScope } from "./current-scope.ts";
import { LIBRARY_NAME, LIBRARY_VERSION, schemaUrlOf } from "./library.ts";
import { linked } from "./linked-context.ts";
import { hasTracerProvider } from "./providers.ts";
import { registry } from "./registry.ts";

/** A span that was started, with the key of the fact it describes. */
export interface StartedSpan {
  readonly span: Span;
  /** The context in which the span is the active one. Made when it is first asked for. */
  readonly context: Context;
  /** Names the fact: from the ids of the span where one is recorded, else a random key of the same form. */
  readonly key: string;
}

/** What a span tells when it starts. */
export interface SpanDescription {
  readonly name: string;
  readonly attributes: KeyedAttributes;
}

/** Stands where no span is recorded. */
export const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Stands for the trace in the keys of facts that no span describes. */
const RANDOM_TRACE_ID = randomUUID().replaceAll("-", "");

let provider: TracerProvider | undefined;
let tracer: Tracer | undefined;

/** Starts a span under the innermost one. It is described only where someone may read it. `startMillis` back-dates it. */
export function startSpan(
  describe: () => SpanDescription,
  kind: SpanKind = SpanKind.INTERNAL,
  startMillis?: number,
): StartedSpan {
  const parent = parentContext();
  const bare = registry.startBareSpan?.(parent);
  if (bare !== undefined) return new RecordedSpan(bare, parent);
  // Building spans costs more than handing over the fact.
  if (!hasTracerProvider()) return { span: NO_SPAN, context: parent, key: randomSpanKey() };
  const { name, attributes } = describe();
  const span = currentTracer().startSpan(
    name,
    {
      kind,
      attributes: spanAttributes(attributes, registry.settings.emission),
      ...(startMillis === undefined ? {} : { startTime: startMillis }),
    },
    parent,
  );
  if (!span.isRecording()) return { span, context: parent, key: randomSpanKey() };
  return new RecordedSpan(span, parent);
}

class RecordedSpan implements StartedSpan {
  readonly span: Span;
  readonly key: string;
  readonly #parent: Context;
  #context: Context | undefined;

  constructor(span: Span, parent: Context) {
    const { traceId, spanId } = span.spanContext();
    this.span = span;
    this.key = spanKey(traceId, spanId);
    this.#parent = parent;
  }

  get context(): Context {
    this.#context ??= trace.setSpan(linked(this.#parent), this.span);
    return this.#context;
  }
}

/** Ends a span. `describe` tells what is known by now, where someone reads it. `errorType` marks the span as failed. */
export function endSpan(span: Span, describe: () => KeyedAttributes, errorType?: string, endMillis?: number): void {
  if (span.isRecording()) {
    span.setAttributes(spanAttributes({ ...describe(), errorType }, registry.settings.emission));
    if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(endMillis);
}

function currentTracer(): Tracer {
  const current = trace.getTracerProvider();
  if (tracer === undefined || current !== provider) {
    provider = current;
    const generation = registry.settings.emission === "g2" ? "g2" : "g3";
    tracer = current.getTracer(LIBRARY_NAME, LIBRARY_VERSION, { schemaUrl: schemaUrlOf(generation) });
  }
  return tracer;
}

/** The active context; where no context manager is registered, our own scope knows the parent span. */
function parentContext(): Context {
  const active = context.active();
  if (trace.getSpan(active) !== undefined) return active;
  return currentScope()?.context ?? active;
}

function randomSpanKey(): string {
  const digits = randomUUID();
  return spanKey(RANDOM_TRACE_ID, `${digits.slice(0, 8)}${digits.slice(28)}`);
}
