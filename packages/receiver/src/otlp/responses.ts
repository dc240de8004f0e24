/** Bodies of answers, in the encoding of the request. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Encoding, Signal } from "./signals.ts";

/** What a request's items came to that were not taken. */
export interface PartialSuccess {
  readonly rejected: number;
  /** For a developer: what was wrong and what to do. */
  readonly message: string;
}

/** Codes of `google.rpc.Code` that are answered. */
export const RPC_CODES = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A code of {@link RPC_CODES}. */
export type RpcCode = (typeof RPC_CODES)[keyof typeof RPC_CODES];

/** How each signal calls what it rejects. */
const REJECTED_FIELDS = {
  metrics: "rejectedDataPoints",
  logs: "rejectedLogRecords",
  traces: "rejectedSpans",
} as const satisfies Record<Signal, string>;

const FULL_SUCCESS = { protobuf: new Uint8Array(0), json: Buffer.from("{}") } as const;

/** The body of a 200. Without `partial` everything was taken. */
export function successBody(signal: Signal, encoding: Encoding, partial?: PartialSuccess): Uint8Array {
  if (partial === undefined) return FULL_SUCCESS[encoding];
  const { rejected, message } = partial;
  if (encoding === "json") {
    // 64-bit integers are text in JSON.
    const partialSuccess = { [REJECTED_FIELDS[signal]]: String(rejected), errorMessage: message };
    return Buffer.from(JSON.stringify({ partialSuccess }));
  }
  // The same fields with the same numbers in all three signals. Written here, because the thread that listens would
  // load the types of everything for these three numbers.
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int64(BigInt(rejected)).tag(2, WireType.LengthDelimited).string(message);
  return writer.join().finish();
}

/** The body of an error: `google.rpc.Status` with code and message. */
export function statusBody(encoding: Encoding, code: RpcCode, message: string): Uint8Array {
  if (encoding === "json") return Buffer.from(JSON.stringify({ code, message }));
  return new BinaryWriter()
    .tag(1, WireType.Varint)
    .int32(code)
    .tag(2, WireType.LengthDelimited)
    .string(message)
    .finish();
}
