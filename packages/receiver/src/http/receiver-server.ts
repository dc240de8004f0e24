/** The HTTP server of the receiver. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { EXPOSITION_MEDIA_TYPES } from "@moai-metrics/report";
import type { ExpositionThread } from "../exposition/exposition-thread.ts";
import type { IngestThread } from "../ingest/ingest-thread.ts";
import type { IngestOutcome } from "../ingest/jobs.ts";
import { RPC_CODES, type RpcCode, statusBody, successBody } from "../otlp/responses.ts";
import { CONTENT_TYPES, type Encoding, encodingOf, INGEST_KINDS, type IngestKind } from "../otlp/signals.ts";
import type { TasksReader } from "../tasks/tasks-reader.ts";
import { createGuard, isLoopback } from "./guard.ts";
import { DEFAULT_LIMITS, type ReceiverLimits } from "./limits.ts";
import { negotiateExposition } from "./negotiate.ts";
import { receiverMetrics } from "./own-metrics.ts";
import { createByteBudget, createGunzip, readBody } from "./read-body.ts";
import { createRequestMetrics } from "./request-metrics.ts";
import type { ReceiverStatus } from "./status.ts";
import { whoReads } from "./who-reads.ts";

/** A receiver that listens. */
export interface ReceiverServer {
  /** Where it listens, for example `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly port: number;
  /** Requests that run, and all that were ever begun. */
  readonly traffic: { readonly running: number; readonly begun: number };
  /** Takes no new request, answers those that run, then closes. The thread that writes is left open. */
  stop(): Promise<void>;
}

/** Options of a receiver. */
export interface ReceiverServerOptions {
  readonly ingest: IngestThread;
  /** Without it there is no `/metrics`. */
  readonly exposition?: ExpositionThread | undefined;
  /** Without it there is no `/v1/tasks`. */
  readonly tasks?: TasksReader | undefined;
  /** Default 127.0.0.1. Another address than loopback needs a token and names. */
  readonly host?: string | undefined;
  /** 0 takes a free one. Default 4318. */
  readonly port?: number | undefined;
  /** Names by which this machine is called besides those of loopback. */
  readonly hosts?: readonly string[] | undefined;
  readonly token?: string | undefined;
  readonly limits?: Partial<ReceiverLimits> | undefined;
  /** From 0 to 1; spreads when senders come back. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What is answered. */
interface Answer {
  readonly status: number;
  readonly body: Uint8Array | string;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Told when all of it has been written; not when the other end has gone before. */
  readonly onSent?: (() => void) | undefined;
}

/** Where is sent what. The last one is what Claude Code's hooks of the type `http` post to. */
const INGEST_PATHS: ReadonlyMap<string, IngestKind> = new Map<string, IngestKind>([
  ["/v1/metrics", "metrics"],
  ["/v1/logs", "logs"],
  ["/v1/traces", "traces"],
  ["/v1/hooks/claude-code", "hooks"],
]);
const DEFAULT_PORT = 4318;
const MAX_RETRY_SECONDS = 5;
/** Time at the end for connections that have said nothing: a request may be on its way. */
const SILENCE_MILLIS = 100;

/**
 * Listens.
 *
 * @throws TypeError for an address that others can reach without a token and names; the system's error when the
 * address cannot be listened on.
 */
export async function startReceiverServer(options: ReceiverServerOptions): Promise<ReceiverServer> {
  const {
    ingest,
    exposition,
    tasks,
    host = "127.0.0.1",
    port = DEFAULT_PORT,
    hosts = [],
    token,
    random = Math.random,
  } = options;
  if (!isLoopback(host) && (token === undefined || hosts.length === 0)) {
    throw new TypeError(
      `receiver.host is ${JSON.stringify(host)}, which others can reach: set receiver.requireToken and receiver.hosts, or listen on 127.0.0.1.`,
    );
  }
  const limits: ReceiverLimits = Object.freeze({ ...DEFAULT_LIMITS, ...options.limits });
  const guard = createGuard({ hosts, token });
  const budget = createByteBudget(limits.maxWaitingBytes);
  const gunzip = createGunzip();
  const requests = createRequestMetrics();
  const startedAtMillis = Date.now();
  let running = 0;
  let begun = 0;
  let isStopping = false;

  const answerIngest = async (request: IncomingMessage, kind: IngestKind): Promise<Answer | undefined> => {
    const encoding = encodingOf(request.headers["content-type"]);
    if (encoding === undefined || (kind === "hooks" && encoding !== "json")) {
      const types = kind === "hooks" ? CONTENT_TYPES.json : `${CONTENT_TYPES.protobuf} or ${CONTENT_TYPES.json}`;
      const message = `Content-Type must be ${types}.`;
      return refusal("json", 415, RPC_CODES.invalidArgument, message);
    }
    const compression = request.headers["content-encoding"] ?? "identity";
    if (compression !== "identity" && compression !== "gzip") {
      return refusal(encoding, 415, RPC_CODES.invalidArgument, "Content-Encoding must be gzip or left out.");
    }
    if (isStopping) return later(encoding, 503, "The receiver is stopping.");
    if (running > limits.maxWaitingRequests) return later(encoding, 429, "Too many requests wait.");

    const beganAt = performance.now();
    let held = 0;
    const hold = (bytes: number): boolean => {
      const isRoom = budget.take(bytes);
      if (isRoom) held += bytes;
      return isRoom;
    };
    try {
      let read = await readBody(request, limits.maxBodyBytes, hold);
      if (read.state === "read" && compression === "gzip" && read.body.length > 0) {
        read = await gunzip(read.body, limits.maxDecodedBytes);
        if (read.state === "read" && !hold(read.body.length)) read = { state: "no_room" };
      }
      if (read.state === "gone") return undefined;
      if (read.state === "no_room") return later(encoding, 429, "Too much data waits.");
      if (read.state === "not_gzip") {
        return refusal(encoding, 400, RPC_CODES.invalidArgument, "The body is not gzip, or is cut off.");
      }
      if (read.state === "too_large") {
        const message =
          `A body may have ${limits.maxBodyBytes} bytes, and ${limits.maxDecodedBytes} decompressed: ` +
          "send smaller batches.";
        return refusal(encoding, 413, RPC_CODES.resourceExhausted, message);
      }
      const outcome = await ingest.take({ signal: kind, encoding, body: read.body });
      if (outcome.state === "committed") requests.noteLatency((performance.now() - beganAt) / 1000);
      return answerOutcome(outcome, kind, encoding);
    } finally {
      budget.give(held);
    }
  };

  const answerOutcome = (outcome: IngestOutcome, kind: IngestKind, encoding: Encoding): Answer => {
    if (outcome.state === "unavailable") return later(encoding, 503, outcome.message);
    if (outcome.state === "malformed") {
      return outcome.kind === "too_large"
        ? refusal(encoding, 413, RPC_CODES.resourceExhausted, outcome.message)
        : refusal(encoding, 400, RPC_CODES.invalidArgument, outcome.message);
    }
    // To a hook, every key of the answer would be a decision: an empty one lets the agent go on.
    if (kind === "hooks") return { status: 200, body: "{}", type: CONTENT_TYPES.json };
    const { rejected, message } = outcome;
    const partial = message === "" ? undefined : { rejected, message };
    return { status: 200, body: successBody(kind, encoding, partial), type: CONTENT_TYPES[encoding] };
  };

  /** The sender may try again, not all of them at the same moment. */
  const later = (encoding: Encoding, status: 429 | 503, message: string): Answer => {
    const seconds = 1 + Math.floor(random() * MAX_RETRY_SECONDS);
    const answer = refusal(
      encoding,
      status,
      status === 429 ? RPC_CODES.resourceExhausted : RPC_CODES.unavailable,
      message,
    );
    return { ...answer, headers: { "Retry-After": String(seconds) } };
  };

  const health = (): { readonly status: ReceiverStatus["status"]; readonly pid: number } => ({
    status: isStopping ? "stopping" : ingest.isWriting ? "ok" : "cannot write",
    pid: process.pid,
  });

  const answerHealth = (): Answer => {
    const body = health();
    return { status: body.status === "ok" ? 200 : 503, body: JSON.stringify(body), type: "application/json" };
  };

  /** Cheap enough to be asked every second, unlike the metrics. */
  const answerStatus = (): Answer => {
    const { active, idle } = performance.eventLoopUtilization();
    const { items } = ingest.counters();
    const body: ReceiverStatus = {
      ...health(),
      itemsReceived: INGEST_KINDS.reduce((sum, signal) => sum + items[signal].received, 0),
      waitingRequests: ingest.waiting.requests,
      residentBytes: process.memoryUsage.rss(),
      eventLoop: { activeMillis: active, idleMillis: idle },
    };
    return { status: 200, body: JSON.stringify(body), type: "application/json" };
  };

  const answerMetrics = async (from: ExpositionThread, { headers, url = "" }: IncomingMessage): Promise<Answer> => {
    const choice = negotiateExposition(headers);
    const who = whoReads(url, headers);
    if (who === undefined) {
      const message = "Give reader one lower-case letter or digit.";
      return refusal("json", 400, RPC_CODES.invalidArgument, message);
    }
    const { requests: waitingRequests } = ingest.waiting;
    const own = receiverMetrics({
      ingest: ingest.counters(),
      requests,
      waitingRequests,
      waitingBytes: budget.taken,
      maxWaitingBytes: limits.maxWaitingBytes,
      residentBytes: process.memoryUsage.rss(),
      startedAtMillis,
    });
    const body = await from.render({ ...choice, ...who, own });
    if (body === undefined) return later("json", 503, "The thread that reads the metrics is being started anew.");
    return {
      status: 200,
      body,
      type: EXPOSITION_MEDIA_TYPES[choice.format],
      headers: { Vary: "Accept, Accept-Encoding", ...(choice.isCompressed && { "Content-Encoding": "gzip" }) },
      onSent: who.isScrape ? () => from.confirm(who.reader) : undefined,
    };
  };

  const answerTasks = async (from: TasksReader, query: string): Promise<Answer> => {
    const answered = await from.read(query);
    if (answered.state === "found") return { status: 200, body: answered.body, type: CONTENT_TYPES.json };
    return answered.state === "wrong"
      ? refusal("json", 400, RPC_CODES.invalidArgument, answered.message)
      : later("json", 503, answered.message);
  };

  const ownPaths = new Map<string, (request: IncomingMessage) => Answer | Promise<Answer>>([
    ...(exposition === undefined
      ? []
      : [["/metrics", (request: IncomingMessage) => answerMetrics(exposition, request)] as const]),
    ["/healthz", answerHealth],
    ["/status", answerStatus],
    ...(tasks === undefined
      ? []
      : [["/v1/tasks", (request: IncomingMessage) => answerTasks(tasks, queryOf(request))] as const]),
  ]);

  /** @returns undefined when the sender has gone. */
  const answer = (request: IncomingMessage, path: string): Answer | Promise<Answer | undefined> => {
    const encoding = encodingOf(request.headers["content-type"]) ?? "json";
    const denial = guard(request.headers);
    if (denial?.status === 401) {
      const answered = refusal(encoding, 401, RPC_CODES.unauthenticated, denial.message);
      return { ...answered, headers: { "WWW-Authenticate": "Bearer" } };
    }
    if (denial !== undefined) return refusal(encoding, 403, RPC_CODES.permissionDenied, denial.message);
    const kind = INGEST_PATHS.get(path);
    if (kind !== undefined) {
      return request.method === "POST" ? answerIngest(request, kind) : wrongMethod(encoding, "POST");
    }
    const answerOwn = ownPaths.get(path);
    if (answerOwn !== undefined) {
      const isRead = request.method === "GET" || request.method === "HEAD";
      return isRead ? answerOwn(request) : wrongMethod(encoding, "GET, HEAD");
    }
    const message = `There is ${[...INGEST_PATHS.keys(), ...ownPaths.keys()].join(", ")}.`;
    return refusal(encoding, 404, RPC_CODES.notFound, message);
  };

  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMillis,
      requestTimeout: limits.requestTimeoutMillis,
      keepAliveTimeout: limits.idleTimeoutMillis,
      connectionsCheckingInterval: 1000,
      noDelay: true,
    },
    (request, response) => {
      running += 1;
      begun += 1;
      const path = pathOf(request);
      const finish = (answered: Answer | undefined): void => {
        running -= 1;
        if (answered === undefined) return;
        requests.note(INGEST_PATHS.has(path) || ownPaths.has(path) ? path : "other", answered.status);
        send(request, response, answered, isStopping);
      };
      const answered = answer(request, path);
      if (!(answered instanceof Promise)) {
        finish(answered);
        return;
      }
      answered.then(finish, () => {
        // Nothing that was sent can be the reason: a mistake of ours is told as one, and the next request is answered.
        finish(refusal("json", 500, RPC_CODES.unavailable, "The receiver failed at this request."));
      });
    },
  );
  server.maxConnections = limits.maxConnections;
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port: boundPort } = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    port: boundPort,
    get traffic() {
      return { running, begun };
    },
    stop: () =>
      new Promise((resolve) => {
        isStopping = true;
        const timers = [
          setTimeout(() => server.closeAllConnections(), limits.stopTimeoutMillis),
          // To the server one that has said nothing yet is busy.
          setTimeout(() => {
            for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
          }, SILENCE_MILLIS),
        ];
        server.close(() => {
          for (const timer of timers) clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function refusal(encoding: Encoding, status: number, code: RpcCode, message: string): Answer {
  return { status, body: statusBody(encoding, code, message), type: CONTENT_TYPES[encoding] };
}

function wrongMethod(encoding: Encoding, allow: string): Answer {
  return { ...refusal(encoding, 405, RPC_CODES.unimplemented, `Use ${allow}.`), headers: { Allow: allow } };
}

/** The path as it was sent: a table is all that it is looked up in. */
function pathOf({ url = "" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

/** What stands behind the first `?`. */
function queryOf({ url = "" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? "" : url.slice(query + 1);
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, isStopping: boolean): void {
  if (response.destroyed) return;
  if (answer.onSent !== undefined) response.once("finish", answer.onSent);
  // What is left of the body is read and forgotten, until the request's time is over: a connection that is closed while
  // its sender still writes loses the answer.
  if (!request.complete) request.resume();
  response.writeHead(answer.status, {
    ...answer.headers,
    "Content-Type": answer.type,
    "Content-Length": Buffer.byteLength(answer.body),
    ...(answer.type === "application/x-protobuf" ? undefined : { "X-Content-Type-Options": "nosniff" }),
    ...(isStopping && { Connection: "close" }),
  });
  // An empty chunk would be written by itself.
  response.end(request.method === "HEAD" || answer.body.length === 0 ? undefined : answer.body);
}
