/** A span as this package reads it, whichever way it came: from an SDK in the process, or over OTLP. */
export interface SpanRecord {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** Name of the instrumentation scope that made the span; undefined where it is not known. */
  readonly scopeName?: string | undefined;
  readonly startMillis: number;
  readonly endMillis: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}
