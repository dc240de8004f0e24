/** Who listens where telemetry shall go. */
import { request } from "node:http";
import { findDaemon, readDaemonNote } from "@moai-metrics/receiver/find";

/** Who answers at the receiver's address. */
export type ReceiverAnswer =
  /** Nobody. */
  | { readonly state: "none" }
  /** A receiver of ours, for this storage folder; `isWell` when it can store. */
  | { readonly state: "ours"; readonly pid: number; readonly isWell: boolean }
  /** A receiver of ours for another storage folder. */
  | { readonly state: "other-storage"; readonly pid: number }
  /** A receiver of ours, perhaps, which wants a token that we do not have. */
  | { readonly state: "locked" }
  /** Another program. */
  | { readonly state: "foreign" };

const TIMEOUT_MILLIS = 1_000;
const MAX_ANSWER_BYTES = 4_096;

/**
 * Asks `/healthz`. Never rejects. The token is shown only at the port where a running daemon of this folder said that it
 * listens: anyone may have taken the port of one that is gone.
 */
export async function probeReceiver(url: string, storage: string, token: string | undefined): Promise<ReceiverAnswer> {
  const daemon = findDaemon(storage);
  const isAnnounced = daemon?.url !== undefined && new URL(daemon.url).port === new URL(url).port;
  const answer = await get(`${url}/healthz`, isAnnounced ? token : undefined);
  if (answer === "nobody") return { state: "none" };
  if (answer === "no-http") return { state: "foreign" };
  if (answer.status === 401) return { state: "locked" };
  const health = parseHealth(answer.body);
  if (health === undefined) return { state: "foreign" };
  const { pid, status } = health;
  return readDaemonNote(storage)?.pid === pid
    ? { state: "ours", pid, isWell: status === "ok" }
    : { state: "other-storage", pid };
}

type HttpAnswer = { readonly status: number; readonly body: string } | "nobody" | "no-http";

function get(url: string, token: string | undefined): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const outgoing = request(url, { headers, timeout: TIMEOUT_MILLIS, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
        if (body.length > MAX_ANSWER_BYTES) response.destroy();
      });
      response.on("close", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    outgoing.on("timeout", () => {
      resolve("no-http");
      outgoing.destroy();
    });
    let isConnected = false;
    outgoing.on("socket", (socket) => void socket.once("connect", () => (isConnected = true)));
    outgoing.on("error", () => resolve(isConnected ? "no-http" : "nobody"));
    outgoing.end();
  });
}

function parseHealth(body: string): { readonly pid: number; readonly status: string } | undefined {
  try {
    const { pid, status } = JSON.parse(body) as { readonly pid?: unknown; readonly status?: unknown };
    return typeof pid === "number" && typeof status === "string" ? { pid, status } : undefined;
  } catch {
    return undefined;
  }
}
