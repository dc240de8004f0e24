/** A receiver on a free port, over a store in a folder of its own. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databasePath } from "@moai-metrics/settings";
import { openStore, type Store } from "@moai-metrics/store";
import { onTestFinished } from "vitest";
import { createExpositionThread } from "../../src/exposition/exposition-thread.ts";
import { type ReceiverServerOptions, startReceiverServer } from "../../src/http/receiver-server.ts";
import { createIngestThread, type IngestThread } from "../../src/ingest/ingest-thread.ts";
import { createTasksReader } from "../../src/tasks/tasks-reader.ts";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface PostOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
  /** Sends the body in chunks, without its length. */
  readonly isChunked?: boolean;
}

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "receiver-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Sends one request on a connection of its own. */
export function send(port: number, path: string, options: PostOptions = {}): Promise<Reply> {
  const { method = "POST", headers = {}, body = "", isChunked = false } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port,
        host: "127.0.0.1",
        path,
        method,
        agent: false,
        headers: { ...(isChunked ? {} : { "Content-Length": String(Buffer.byteLength(body)) }), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      },
    );
    outgoing.on("error", reject);
    if (isChunked) {
      const bytes = Buffer.from(body);
      for (let at = 0; at < bytes.length; at += 1000) outgoing.write(bytes.subarray(at, at + 1000));
      outgoing.end();
    } else outgoing.end(body);
  });
}

/** Sends bytes and hears what comes until the other end closes, or `millis` have passed. */
export function sendRaw(port: number, bytes: string | Uint8Array, millis = 3000): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const finish = (): void => {
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(finish, millis);
    socket.on("data", (chunk) => (heard += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      finish();
    });
  });
}

export interface TestReceiver {
  readonly port: number;
  readonly storage: string;
  readonly ingest: IngestThread;
  post(path: string, options?: PostOptions): Promise<Reply>;
  /** The store, for reading; to be closed by the end of the test. */
  read<T>(question: (store: Store) => T): T;
  stop(): Promise<void>;
}

/** Starts a receiver that stops when the test ends. */
export async function startReceiver(
  options: Omit<Partial<ReceiverServerOptions>, "ingest" | "exposition" | "tasks"> & {
    readonly ingest?: (real: IngestThread) => IngestThread;
  } = {},
): Promise<TestReceiver> {
  const storage = temporaryFolder();
  const real = createIngestThread({ storage, environment: { HOME: storage } });
  const ingest = options.ingest?.(real) ?? real;
  const exposition = createExpositionThread({ storage, environment: { HOME: storage }, timeZone: "UTC" });
  const tasks = createTasksReader({ path: databasePath(storage), hidden: new Set() });
  const server = await startReceiverServer({ port: 0, ...options, ingest, exposition, tasks });
  const stop = async (): Promise<void> => {
    await server.stop();
    await Promise.all([real.close(), exposition.close(), tasks.close()]);
  };
  onTestFinished(stop);
  return {
    port: server.port,
    storage,
    ingest,
    post: (path, request) => send(server.port, path, request),
    read: (question) => {
      const store = openStore({ path: databasePath(storage), readOnly: true });
      try {
        return question(store);
      } finally {
        store.close();
      }
    },
    stop,
  };
}

export const PROTOBUF = { "Content-Type": "application/x-protobuf" };
export const JSON_TYPE = { "Content-Type": "application/json" };

/** A request of one gauge with some points, as JSON. */
export function gaugeRequest(
  name: string,
  points: readonly { readonly value: number | string; readonly nanos: number }[],
): string {
  return JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "test" } }] },
        scopeMetrics: [
          {
            scope: { name: "test" },
            metrics: [
              {
                name,
                gauge: {
                  dataPoints: points.map(({ value, nanos }) => ({ timeUnixNano: String(nanos), asDouble: value })),
                },
              },
            ],
          },
        ],
      },
    ],
  });
}
