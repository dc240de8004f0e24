/** The daemon: receives telemetry, and takes in what agents leave on disk. */
import { databasePath, type Environment } from "@moai-metrics/settings";
import type { ForwardTarget } from "@moai-metrics/sqlite-exporter/forward";
import { startBackground } from "../background/background.ts";
import type { BackgroundEvent } from "../background/messages.ts";
import { createExpositionThread } from "../exposition/exposition-thread.ts";
import type { ReceiverLimits } from "../http/limits.ts";
import { type ReceiverServer, startReceiverServer } from "../http/receiver-server.ts";
import { readOrMakeToken } from "../http/token.ts";
import { createIngestThread } from "../ingest/ingest-thread.ts";
import { createTasksReader } from "../tasks/tasks-reader.ts";
import { acquireDaemonLock } from "./daemon-lock.ts";
import type { RunningDaemon } from "./find-daemon.ts";

/** A daemon that runs. */
export interface Daemon {
  /** Where it listens. */
  readonly url: string;
  /** Answers what was accepted, writes it, closes the file, and lets another daemon run. Safe to call twice. */
  stop(): Promise<void>;
}

/** Options of a daemon. */
export interface DaemonOptions {
  /** The storage folder, absolute. */
  readonly storage: string;
  readonly environment: Environment;
  readonly homeFolder: string;
  /** The machine's zone, whose days reports and budgets are about. */
  readonly timeZone: string;
  readonly host: string;
  readonly port: number;
  readonly hosts: readonly string[];
  readonly requiresToken: boolean;
  /** Where the catalogue's metrics are pushed; nowhere when absent. */
  readonly forward?: ForwardTarget | undefined;
  readonly limits?: Partial<ReceiverLimits> | undefined;
  /** Fields of tasks that the settings keep out of documents. Default: none. */
  readonly hiddenTaskFields?: ReadonlySet<string> | undefined;
  /** Told what happens in the background. */
  readonly onEvent?: ((event: BackgroundEvent) => void) | undefined;
}

/** Another daemon runs on the same storage folder. */
export class DaemonRunsError extends Error {
  constructor(storage: string, daemon: RunningDaemon | undefined) {
    const who = daemon === undefined ? "Another receiver" : `Process ${daemon.pid}`;
    const where = daemon?.url === undefined ? "" : `, on ${daemon.url}`;
    const remedy = daemon === undefined ? "" : ` Stop it with: kill ${daemon.pid}`;
    super(`${who} receives already for ${storage}${where}.${remedy}`);
    this.name = "DaemonRunsError";
  }
}

/**
 * Starts the daemon.
 *
 * @throws DaemonRunsError when another one runs; TypeError for an address that needs a token; the system's error when
 * the address cannot be listened on.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { storage, environment, forward, homeFolder, timeZone, requiresToken, onEvent } = options;
  const outcome = acquireDaemonLock(storage);
  if (outcome.state === "elsewhere") throw new DaemonRunsError(storage, outcome.daemon);
  const { lock } = outcome;
  lock.announce({ pid: process.pid });
  const ingest = createIngestThread({ storage, environment });
  const exposition = createExpositionThread({ storage, environment, timeZone, forward });
  const tasks = createTasksReader({ path: databasePath(storage), hidden: options.hiddenTaskFields ?? new Set() });
  let server: ReceiverServer;
  try {
    const token = requiresToken ? readOrMakeToken(storage) : undefined;
    server = await startReceiverServer({ ...options, ingest, exposition, tasks, token });
  } catch (error) {
    await Promise.all([ingest.close(), exposition.close(), tasks.close()]);
    lock.release();
    throw error;
  }
  lock.announce({ pid: process.pid, url: server.url });
  const background = startBackground({ storage, environment, homeFolder, timeZone, onEvent });

  const stop = async (): Promise<void> => {
    await Promise.all([server.stop(), background.stop()]);
    await Promise.all([ingest.close(), exposition.close(), tasks.close()]);
    lock.release();
  };
  let stopped: Promise<void> | undefined;
  return {
    url: server.url,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
