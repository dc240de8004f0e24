/**
 * Spans that no one will read: ids, and nothing else. Where the process hands its facts over itself and there is no
 * exporter beside, a span of ours is needed for what other libraries start below it, and for its key.
 */
import { type Context, isSpanContextValid, type Span, type SpanContext, TraceFlags, trace } from "@opentelemetry/api";
import { registry } from "./registry.ts";

/** Everything that is said of it is forgotten. It is its own context, so that one object does for both. */
class BareSpan implements Span, SpanContext {
  readonly traceId: string;
  readonly spanId: string = nextSpanId();
  readonly traceFlags = TraceFlags.SAMPLED;

  constructor(traceId: string) {
    this.traceId = traceId;
  }

  spanContext(): SpanContext {
    return this;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {}

  isRecording(): boolean {
    return false;
  }

  recordException(): void {}
}

/**
 * From now on spans of ours below no one else's are bare.
 *
 * @returns a function that ends it.
 */
export function useBareSpans(): () => void {
  registry.startBareSpan = startBareSpan;
  return () => {
    if (registry.startBareSpan === startBareSpan) registry.startBareSpan = undefined;
  };
}

/** Whether this is the context of a bare span, which no exporter will ever see. All spans around it are bare, too. */
export function isBareContext(context: SpanContext | undefined): boolean {
  return context instanceof BareSpan;
}

/** Undefined below a span of another library, to whose tree it belongs. */
function startBareSpan(parent: Context): Span | undefined {
  const enclosing = trace.getSpanContext(parent);
  if (enclosing instanceof BareSpan) return new BareSpan(enclosing.traceId);
  if (enclosing !== undefined && isSpanContextValid(enclosing)) return undefined;
  return new BareSpan(randomHex() + randomHex() + randomHex() + randomHex());
}

const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Eight digits, as random as the ids that OpenTelemetry's SDK makes. */
function randomHex(): string {
  return hexOf((Math.random() * 0x1_0000_0000) >>> 0);
}

const FIRST_DIGITS = randomHex();
let spanCount = (Math.random() * 0x1_0000_0000) >>> 0;

/** Differs from all others of this thread, and from those of others by chance. */
function nextSpanId(): string {
  spanCount = (spanCount + 1) >>> 0;
  return FIRST_DIGITS + hexOf(spanCount);
}

function hexOf(bits: number): string {
  return `${BYTES[bits & 255]}${BYTES[(bits >>> 8) & 255]}${BYTES[(bits >>> 16) & 255]}${BYTES[bits >>> 24]}`;
}
