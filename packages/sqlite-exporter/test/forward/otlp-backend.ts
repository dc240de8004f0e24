/** A backend that answers as it is told and keeps what it accepted. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

interface BackendPoint {
  readonly metric: string;
  readonly unit: string;
  readonly temporality: number | undefined;
  readonly isMonotonic: boolean | undefined;
  readonly attributes: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly startMillis: number;
  readonly timeMillis: number;
  /** Of a histogram, how many values. */
  readonly value: number;
}

export interface Backend {
  readonly url: string;
  /** Headers of all requests, accepted or not. */
  readonly requests: readonly IncomingMessage["headers"][];
  /** Points of accepted requests, in their order. */
  readonly points: readonly BackendPoint[];
  /** Bytes of floods that were written before the connection was cut. */
  flooded(): number;
  /** What a backend that keeps the newest point of each series has of a metric. */
  newest(metric: string): number;
  /** What a backend that adds up has of a metric. */
  total(metric: string): number;
}

type Reply =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | "hang"
  | "cut"
  /** The status and then a byte now and then, without an end. */
  | { readonly status: number; readonly dripMillis: number }
  /** The status and then as many bytes as are taken, up to this. */
  | { readonly status: number; readonly floodBytes: number };

/** @param replyTo what is answered to the request of this number. */
export async function startBackend(replyTo: (request: number) => Reply = () => ({ status: 200 })): Promise<Backend> {
  const requests: IncomingMessage["headers"][] = [];
  const points: BackendPoint[] = [];
  let flooded = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const number = requests.push(request.headers) - 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = replyTo(number);
    if (reply === "hang") return;
    if (reply === "cut") {
      request.socket.destroy();
      return;
    }
    if ("dripMillis" in reply) {
      response.writeHead(reply.status);
      const drip = setInterval(() => response.write(" "), reply.dripMillis);
      response.once("close", () => clearInterval(drip));
      return;
    }
    if ("floodBytes" in reply) {
      response.writeHead(reply.status);
      await flood(response, reply.floodBytes, (bytes) => {
        flooded += bytes;
      });
      return;
    }
    if (reply.status === 200) points.push(...pointsOf(JSON.parse(gunzipSync(Buffer.concat(chunks)).toString())));
    response.writeHead(reply.status, { "Content-Type": "application/json", ...reply.headers }).end("{}");
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const of = (metric: string) => points.filter((point) => point.metric === metric);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`,
    requests,
    points,
    flooded: () => flooded,
    newest: (metric) =>
      [...new Map(of(metric).map(({ attributes, value }) => [attributes, value])).values()].reduce((a, b) => a + b, 0),
    total: (metric) => of(metric).reduce((sum, { value }) => sum + value, 0),
  };
}

async function flood(response: ServerResponse, bytes: number, onWritten: (bytes: number) => void): Promise<void> {
  const chunk = Buffer.alloc(65_536, " ");
  const closed = once(response, "close");
  for (let written = 0; written < bytes && !response.destroyed; written += chunk.length) {
    onWritten(chunk.length);
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), closed]);
  }
  response.end();
}

interface JsonPoint {
  readonly attributes: unknown;
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asInt?: number;
  readonly asDouble?: number;
  readonly count?: number;
}

interface JsonData {
  readonly dataPoints: readonly JsonPoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

interface JsonRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: Record<string, unknown> }[] };
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly unit: string;
        readonly sum?: JsonData;
        readonly histogram?: JsonData;
        readonly gauge?: JsonData;
      }[];
    }[];
  }[];
}

function pointsOf({ resourceMetrics }: JsonRequest): BackendPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const ofResource = Object.fromEntries(
      resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]] as const),
    );
    return scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ name, unit, sum, histogram, gauge }) => {
        const data = sum ?? histogram ?? gauge;
        return (data?.dataPoints ?? []).map((point) => ({
          metric: name,
          unit,
          temporality: data?.aggregationTemporality,
          isMonotonic: data?.isMonotonic,
          attributes: JSON.stringify(point.attributes),
          resource: ofResource,
          startMillis: Number(point.startTimeUnixNano) / 1e6,
          timeMillis: Number(point.timeUnixNano) / 1e6,
          value: Number(point.count ?? point.asInt ?? point.asDouble),
        }));
      });
  });
}
