/** Spans of the GenAI conventions as facts, without the products whose transcripts are read. */
export { createSpanMapper, type SpanMapper } from "./span-mapper.ts";
export type { SpanRecord } from "./span-record.ts";
