/** What the telemetry of a product has to tell. */
import type { Fact } from "@moai-metrics/model";
import type { SpanRecord } from "../genai/span-record.ts";
import type { UsageKeys } from "../usage-keys.ts";
import type { LogRecord } from "./log-record.ts";

/** The facts of a record, or why it gives none. */
export type Mapped = readonly Fact[] | string;

/** Maps the logs and spans of one product. Reads, never writes; never throws for what a record holds. */
export interface ProductTelemetry {
  /** The product as facts name it. */
  readonly product: string;
  ownsLog(record: LogRecord): boolean;
  ownsSpan(span: SpanRecord): boolean;
  /** @param keysOf names of the calls of a session, for products whose records have no id of the call. */
  mapLog(record: LogRecord, keysOf: (sessionId: string) => UsageKeys): Mapped;
  mapSpan(span: SpanRecord): Mapped;
}
