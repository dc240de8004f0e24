/** A receiver for as long as one command runs, on a free port of this machine, beside a daemon or without one. */
import type { Environment } from "@moai-metrics/settings";
import { type ReceiverServer, startReceiverServer } from "../http/receiver-server.ts";
import { readOrMakeToken } from "../http/token.ts";
import { createIngestThread } from "../ingest/ingest-thread.ts";
import type { SessionName } from "../ingest/jobs.ts";

/** A receiver that listens. */
export interface RunReceiver {
  /** Where it listens. */
  readonly url: string;
  /** What senders have to know, where the settings demand it. */
  readonly token: string | undefined;
  /** Sessions of which facts were stored, each once. */
  readonly sessions: readonly SessionName[];
  /** Whether what came last could be stored. */
  readonly isWriting: boolean;
  /** Waits until nothing has come for a moment, answers what was accepted, writes it and closes. Safe to call twice. */
  stop(): Promise<void>;
}

/** Options of a receiver. */
export interface RunReceiverOptions {
  /** The storage folder, absolute. */
  readonly storage: string;
  readonly environment: Environment;
  readonly requiresToken: boolean;
  /** How long nothing must have come. Default 150. */
  readonly quietMillis?: number | undefined;
  /** How long that is waited for at most. Default 3,000. */
  readonly maxWaitMillis?: number | undefined;
}

const QUIET_MILLIS = 150;
const MAX_WAIT_MILLIS = 3000;
const LOOK_MILLIS = 10;

/**
 * Starts a receiver. It takes no lock: whoever writes the store does so in transactions of its own, and a daemon that
 * runs goes on.
 *
 * @throws the system's error when no port can be listened on, or the token cannot be read.
 */
export async function startRunReceiver(options: RunReceiverOptions): Promise<RunReceiver> {
  const { storage, environment, requiresToken } = options;
  const { quietMillis = QUIET_MILLIS, maxWaitMillis = MAX_WAIT_MILLIS } = options;
  const sessions = new Map<string, SessionName>();
  const noteSession = (name: SessionName): void => {
    sessions.set(JSON.stringify([name.product, name.sessionId]), name);
  };
  const token = requiresToken ? readOrMakeToken(storage) : undefined;
  const ingest = createIngestThread({ storage, environment, onSession: noteSession });
  const server = await startReceiverServer({ ingest, port: 0, token });
  const stop = async (): Promise<void> => {
    await untilQuiet(server, quietMillis, maxWaitMillis);
    await server.stop();
    await ingest.close();
  };
  let stopped: Promise<void> | undefined;
  return {
    url: server.url,
    token,
    get sessions() {
      return [...sessions.values()];
    },
    get isWriting() {
      return ingest.isWriting;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** What a program sent last may still be on its way when it has ended; others that it started may send a little later. */
async function untilQuiet(server: ReceiverServer, quietMillis: number, maxWaitMillis: number): Promise<void> {
  const beganAt = performance.now();
  let quietSince = beganAt;
  let seen = server.traffic.begun;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
    const now = performance.now();
    const { running, begun } = server.traffic;
    if (running > 0 || begun !== seen) quietSince = now;
    seen = begun;
    if (now - quietSince >= quietMillis || now - beganAt >= maxWaitMillis) return;
  }
}
