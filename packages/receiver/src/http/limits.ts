/** What a receiver takes at most. */

/** Limits with their defaults. */
export interface ReceiverLimits {
  /** Bytes of a body as it is sent. Default 8 MiB. */
  readonly maxBodyBytes: number;
  /** Bytes of a body after decompression. Default 16 MiB. */
  readonly maxDecodedBytes: number;
  /** Bytes of all bodies in memory together. Default 64 MiB. */
  readonly maxWaitingBytes: number;
  /** Requests that are not answered yet. Default 2,000. */
  readonly maxWaitingRequests: number;
  /** Connections at the same time. Default 256. */
  readonly maxConnections: number;
  /** Time for the headers of a request. Default 5,000. */
  readonly headersTimeoutMillis: number;
  /** Time for a whole request. Default 15,000. */
  readonly requestTimeoutMillis: number;
  /** Time that a connection is kept without a request. Default 5,000. */
  readonly idleTimeoutMillis: number;
  /** Time that running requests have at the end. Default 5,000. */
  readonly stopTimeoutMillis: number;
}

const MIB = 1024 * 1024;

/** The defaults. */
export const DEFAULT_LIMITS: ReceiverLimits = Object.freeze({
  maxBodyBytes: 8 * MIB,
  maxDecodedBytes: 16 * MIB,
  maxWaitingBytes: 64 * MIB,
  maxWaitingRequests: 2000,
  maxConnections: 256,
  headersTimeoutMillis: 5000,
  requestTimeoutMillis: 15_000,
  idleTimeoutMillis: 5000,
  stopTimeoutMillis: 5000,
});
