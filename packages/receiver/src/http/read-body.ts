/** Reads the body of a request within limits, and decompresses it within limits. */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** A body, or why there is none. */
export type ReadBody =
  | { readonly state: "read"; readonly body: Buffer }
  | { readonly state: "too_large" }
  /** Others hold the memory that this body needs. */
  | { readonly state: "no_room" }
  | { readonly state: "not_gzip" }
  /** The sender has gone. */
  | { readonly state: "gone" };

/** Memory that all bodies share. */
export interface ByteBudget {
  /** Whether there was room; what was taken is to be given back. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly taken: number;
}

/** Creates a budget. */
export function createByteBudget(maxBytes: number): ByteBudget {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > maxBytes) return false;
      taken += bytes;
      return true;
    },
    give: (bytes) => {
      taken -= bytes;
    },
    get taken() {
      return taken;
    },
  };
}

const EMPTY = Buffer.alloc(0);

/**
 * Reads to the end. What is announced or sent beyond the limit is not kept.
 *
 * @param hold called with bytes that are now in memory; false when there is no room for them.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  hold: (bytes: number) => boolean,
): Promise<ReadBody> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) return Promise.resolve({ state: "too_large" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (outcome: ReadBody): void => {
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      // A sender that hangs up later is no one's error.
      request.on("error", () => {});
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) finish({ state: "too_large" });
      else if (!hold(chunk.length)) finish({ state: "no_room" });
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      const [first = EMPTY] = chunks;
      finish({ state: "read", body: chunks.length > 1 ? Buffer.concat(chunks, bytes) : first });
    };
    const onGone = (): void => finish({ state: "gone" });
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}

const gunzipAsync = promisify(gunzip);

/** So many bodies are decompressed at the same time: each may grow a thousandfold. */
const MAX_AT_ONCE = 4;

/** Decompresses, a few bodies at a time. */
export function createGunzip(): (body: Buffer, maxBytes: number) => Promise<ReadBody> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (body, maxBytes) => {
    if (running >= MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return { state: "read", body: await gunzipAsync(body, { maxOutputLength: maxBytes }) };
    } catch (error) {
      const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
      return { state: isTooLarge ? "too_large" : "not_gzip" };
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
