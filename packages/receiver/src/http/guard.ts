/** Who may talk to the receiver: pages in a browser must not, whatever name they give this machine. Pure. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIPv4 } from "node:net";

/** What a guard knows. */
export interface GuardOptions {
  /** Names by which this machine is called besides `localhost`, `127.0.0.1` and `[::1]`, without ports. */
  readonly hosts?: readonly string[] | undefined;
  /** Without it, anyone on this machine may send. */
  readonly token?: string | undefined;
}

/** Why a request is turned away. */
interface Denial {
  readonly status: 401 | 403;
  readonly message: string;
}

/** Judges headers. */
export type Guard = (headers: IncomingHttpHeaders) => Denial | undefined;

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** Creates a guard. */
export function createGuard({ hosts = [], token }: GuardOptions): Guard {
  const names = new Set([...LOOPBACK_NAMES, ...hosts].map((name) => name.toLowerCase()));
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`);
  return (headers) => {
    const { host, origin, authorization } = headers;
    if (host === undefined || !names.has(nameOf(host))) {
      return { status: 403, message: "This host name is not one of the receiver's: add it to receiver.hosts." };
    }
    const site = headers["sec-fetch-site"];
    const isOwnOrigin = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
    if (!isOwnOrigin || (site !== undefined && site !== "same-origin" && site !== "none")) {
      return { status: 403, message: "Pages of other origins may not talk to the receiver." };
    }
    if (expected !== undefined && !timingSafeEqual(digest(decoded(authorization ?? "")), expected)) {
      return { status: 401, message: "Send the receiver's token in the header Authorization: Bearer TOKEN." };
    }
    return undefined;
  };
}

/**
 * `OTEL_EXPORTER_OTLP_HEADERS` is percent-encoded by its specification; Claude Code (2.1.330) sends what stands there.
 * A token has no other character to encode than the blank before it.
 */
function decoded(authorization: string): string {
  return authorization.replace(/^Bearer%20/, "Bearer ");
}

/** The name in a Host header, without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, "").toLowerCase();
}

/** Equal in length whatever was sent. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
