/** Takes the logs of the processes that the SDK starts: OTLP in JSON, on loopback, from who knows the token only. */
import { randomBytes, randomInt } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { LogRecord } from "@moai-metrics/agents/claude-code";
import { countDrop, guarded } from "../../registry.ts";
import { readLogs } from "./otlp-logs.ts";

type Environment = Readonly<Record<string, string>>;
type Accept = (record: LogRecord) => void;

interface LogReceiver {
  readonly port: number;
  /** Who takes the logs, by the token of the process. */
  readonly readers: Map<string, Accept>;
}

const TOKEN_HEADER = "x-moai-metrics-token";
const MAX_BODY_BYTES = 16 * 2 ** 20;
/** Processes whose logs are awaited; of more, the oldest is forgotten. */
const MAX_READERS = 1000;
/** Below the ports that systems hand out by themselves. The SDK starts its process at once, so nobody can be asked for a free one. */
const PORTS = { first: 20_000, end: 32_000 } as const;
const EXPORT_INTERVAL_MILLIS = 1000;

let receiver: LogReceiver | undefined;

/** The variables that have a process of Claude Code send its logs, and nothing else, to `accept`. */
export function telemetryFor(accept: Accept): Environment {
  receiver ??= startReceiver();
  const { port, readers } = receiver;
  const token = randomBytes(16).toString("hex");
  readers.set(token, accept);
  const [oldest] = readers.keys();
  if (readers.size > MAX_READERS && oldest !== undefined) readers.delete(oldest);
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_TRACES_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_LOGS_EXPORT_INTERVAL: String(EXPORT_INTERVAL_MILLIS),
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://127.0.0.1:${port}/v1/logs`,
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: `${TOKEN_HEADER}=${token}`,
  };
}

function startReceiver(): LogReceiver {
  const started: LogReceiver = { port: randomInt(PORTS.first, PORTS.end), readers: new Map() };
  const server = createServer((request, response) => {
    void take(request, started.readers).then((status) => {
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  server.on("error", () => {
    countDrop("no port for the telemetry of Claude Code");
    // The next process gets another port.
    if (receiver === started) receiver = undefined;
  });
  // Connections keep the program alive until the process at their other end is gone; the server alone does not.
  server.listen(started.port, "127.0.0.1").unref();
  return started;
}

/** @returns the status of the answer. Never rejects. */
async function take(request: IncomingMessage, readers: LogReceiver["readers"]): Promise<number> {
  const accept = readers.get(String(request.headers[TOKEN_HEADER]));
  if (accept === undefined) return 401;
  try {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of request) {
      bytes += (piece as Buffer).length;
      if (bytes > MAX_BODY_BYTES) return 413;
      pieces.push(piece as Buffer);
    }
    for (const record of readLogs(JSON.parse(Buffer.concat(pieces).toString("utf8")))) guarded(() => accept(record));
    return 200;
  } catch {
    countDrop("telemetry of Claude Code that cannot be read");
    return 400;
  }
}
