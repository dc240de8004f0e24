/** The three signals of OTLP, and the two ways in which they are written down. */

/** What a request carries. */
export const SIGNALS = ["metrics", "logs", "traces"] as const;
export type Signal = (typeof SIGNALS)[number];

/** What the receiver takes in: the signals, and the payloads of hooks, one a request. */
export const INGEST_KINDS = [...SIGNALS, "hooks"] as const;
export type IngestKind = (typeof INGEST_KINDS)[number];

/** How a body is written: by its Content-Type. */
export const ENCODINGS = ["protobuf", "json"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The Content-Type of each encoding. */
export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** The encoding that a Content-Type names, or undefined for one that OTLP does not know. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === CONTENT_TYPES.protobuf) return "protobuf";
  return type === CONTENT_TYPES.json ? "json" : undefined;
}
