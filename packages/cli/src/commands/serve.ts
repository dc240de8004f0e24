/** `serve`: receives telemetry and takes in what agents leave on disk, until it is stopped. */
import type { Daemon, DaemonOptions } from "@moai-metrics/receiver/serve";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { addCommonFlags, type CommonFlags } from "../flags/declare.ts";

type ForwardTarget = NonNullable<DaemonOptions["forward"]>;

interface Flags extends CommonFlags {
  readonly port?: string;
  readonly host?: string;
  readonly forward?: string;
}

/** Adds the command. */
export function addServeCommand(program: Command, context: CliContext): void {
  const command = program
    .command("serve")
    .description("receive OpenTelemetry data and watch transcripts, until stopped with Ctrl-C")
    .option("--port <number>", "port to listen on; 0 takes a free one (default: receiver.port, 4318)")
    .option("--host <address>", "address to listen on (default: receiver.host, 127.0.0.1)")
    .option("--forward <url>", "push the metrics to this OTLP/HTTP address, too (default: forward.url)");
  addCommonFlags(command);
  command.action((flags: Flags) => serve(context, flags));
}

async function serve(context: CliContext, flags: Flags): Promise<void> {
  const { environment, warn } = context;
  const { config } = await context.loadConfig(flags);
  if (environment.isDisabled || !config.isEnabled) {
    const what = environment.isDisabled ? "MOAI_METRICS_DISABLED is set" : "The setting enabled is off";
    throw new CommandError(`${what}: nothing is collected, so there is nothing to serve.`);
  }
  const [{ startDaemon }, { hiddenFields }, { databasePath, resolveStorageFolder }] = await Promise.all([
    import("@moai-metrics/receiver/serve"),
    import("@moai-metrics/report"),
    import("@moai-metrics/settings"),
  ]);
  const storage = resolveStorageFolder({ storage: flags.storage, environment: environment.variables });
  const { receiver } = config;
  const host = flags.host ?? receiver.host;
  const port = flags.port === undefined ? receiver.port : portOf(flags.port);
  const forward = forwardOf(flags.forward, config.forward);
  const stopped = waitForSignal();
  let daemon: Daemon;
  try {
    daemon = await startDaemon({
      storage,
      environment: environment.variables,
      homeFolder: environment.homeFolder,
      timeZone: environment.timeZone,
      host,
      port,
      hosts: receiver.hosts,
      requiresToken: receiver.requiresToken,
      forward,
      hiddenTaskFields: hiddenFields("task", config),
      onEvent: (event) => {
        if (event.kind === "warning") warn(event.message);
        else if (flags.verbose) context.write(`Took in ${event.files} files: ${event.facts} facts.\n`);
      },
    });
  } catch (error) {
    throw told(error, host, port);
  }
  context.write(`Listening on ${daemon.url} for OpenTelemetry data (OTLP over HTTP).\n`);
  context.write(`Storing in ${databasePath(storage)}\n`);
  if (forward !== undefined) context.write(`Pushing metrics to ${new URL(forward.url).origin}\n`);
  context.write("Watching transcripts and the spool. Stop with Ctrl-C.\n");
  await stopped;
  await daemon.stop();
  context.write("Stopped. Everything that was accepted is stored.\n");
}

/** Resolves at the first signal; a second one ends the process as the system would. */
function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    const onSignal = (): void => {
      for (const signal of signals) process.off(signal, onSignal);
      resolve();
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}

/** OTLP has a path of its own for metrics, which an address without a path means. */
function forwardOf(flag: string | undefined, config: MetricsConfig["forward"]): ForwardTarget | undefined {
  const given = flag ?? config.url;
  if (given === undefined) return undefined;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--forward is "${given}"; give an address such as https://otlp.example.com/v1/metrics.`);
  }
  if (url.pathname === "/") url.pathname = "/v1/metrics";
  return { ...config, url: url.href };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port is "${text}"; give a number from 0 to 65535.`);
}

/** The error as a person can act on it. */
function told(error: unknown, host: string, port: number): unknown {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return new CommandError(
      `Port ${port} of ${host} is in use, perhaps by an OpenTelemetry Collector. Choose another one: --port 4319.`,
    );
  }
  if (code === "EACCES" || code === "EADDRNOTAVAIL") {
    return new CommandError(`Cannot listen on port ${port} of ${host} (${code}). Choose another one: --port, --host.`);
  }
  return name === "DaemonRunsError" || name === "TypeError" ? new CommandError(message) : error;
}
