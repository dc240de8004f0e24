/** A log record as this package reads it, whichever way it came. */
export interface LogRecord {
  /** Name of the instrumentation scope that made the record; "" where it is not known. */
  readonly scopeName: string;
  /** The field `event_name` of the record; products that do not fill it use the attribute `event.name`. */
  readonly eventName?: string | undefined;
  /** When it happened; undefined where the record only says when it was observed. */
  readonly timeMillis: number | undefined;
  readonly observedMillis: number | undefined;
  /** The span in which it was made: 32 and 16 hexadecimal digits; undefined where the record names none. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}
