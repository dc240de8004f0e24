/** Asks the receiver how it is, again and again. */
import { findDaemon, findToken, type ReceiverStatus } from "@moai-metrics/receiver/find";
import type { ReceiverReading } from "@moai-metrics/report";

/** Readings of a receiver; rates are since the reading before, at first since the receiver began. */
export interface ReceiverReadings {
  /** Never rejects. */
  read(): Promise<ReceiverReading>;
}

const TIMEOUT_MILLIS = 1_000;

const NOTHING = { itemsPerSecond: null, waitingRequests: null, residentBytes: null, busyShare: null } as const;

/** Creates the readings of a storage folder's receiver. */
export function createReceiverReadings(storage: string): ReceiverReadings {
  let before: ReceiverStatus | undefined;
  return {
    read: async () => {
      const daemon = findDaemon(storage);
      if (daemon?.url === undefined) {
        before = undefined;
        return { state: "not running", url: null, ...NOTHING };
      }
      const { url } = daemon;
      const status = await getStatus(url, findToken(storage));
      const last = before?.pid === status?.pid ? before : undefined;
      before = status;
      if (status === undefined) return { state: "unreachable", url, ...NOTHING };
      return {
        state: status.status === "cannot write" ? "cannot write" : "running",
        url,
        ...rates(last, status),
        waitingRequests: status.waitingRequests,
        residentBytes: status.residentBytes,
      };
    },
  };
}

/** The receiver's own clock: its event loop has worked or waited all the time. */
function rates(
  before: ReceiverStatus | undefined,
  now: ReceiverStatus,
): Pick<ReceiverReading, "itemsPerSecond" | "busyShare"> {
  const active = now.eventLoop.activeMillis - (before?.eventLoop.activeMillis ?? 0);
  const all = active + now.eventLoop.idleMillis - (before?.eventLoop.idleMillis ?? 0);
  if (all <= 0) return { itemsPerSecond: null, busyShare: null };
  const items = now.itemsReceived - (before?.itemsReceived ?? 0);
  return { itemsPerSecond: (items * 1_000) / all, busyShare: active / all };
}

/** Undefined when there is no answer that could be read. */
async function getStatus(url: string, token: string | undefined): Promise<ReceiverStatus | undefined> {
  const { request } = await import("node:http");
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const outgoing = request(
      {
        // An address that means every address of the machine is reached by its loopback.
        host: ["0.0.0.0", "[::]"].includes(hostname) ? "127.0.0.1" : hostname.replaceAll(/[[\]]/g, ""),
        port,
        path: "/status",
        agent: false,
        timeout: TIMEOUT_MILLIS,
        // The receiver answers to names that it knows.
        headers: { Host: `localhost:${port}`, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve(response.statusCode === 200 ? parseStatus(text) : undefined));
        response.on("error", () => resolve(undefined));
      },
    );
    outgoing.on("timeout", () => outgoing.destroy());
    outgoing.on("error", () => resolve(undefined));
    outgoing.end();
  });
}

function parseStatus(text: string): ReceiverStatus | undefined {
  try {
    return JSON.parse(text) as ReceiverStatus;
  } catch {
    return undefined;
  }
}
