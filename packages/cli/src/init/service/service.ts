/** The service that runs `serve` for its user, on the systems that have one. */
import { isAbsolute, join } from "node:path";
import type { Environment } from "@moai-metrics/settings";
import { findProgram, runProgramFile } from "../../machine/find-program.ts";
import { LAUNCHD_LABEL, launchdAgent } from "./launchd-agent.ts";
import type { ServiceSpec } from "./service-spec.ts";
import { SYSTEMD_UNIT, systemdUnit } from "./systemd-unit.ts";

/** A command line. */
export type ServiceCommand = readonly [program: string, ...argv: string[]];

/** A system's way to run services. */
export interface ServiceManager {
  readonly name: "systemd" | "launchd";
  /** The file that describes the service. */
  readonly path: string;
  text(spec: ServiceSpec): string;
  /** Before it is started; that one fails means that there was nothing to prepare. */
  readonly prepareCommands: readonly ServiceCommand[];
  /** Start it now, and whenever the user is here. */
  readonly startCommands: readonly ServiceCommand[];
  /** Stop it and forget it; before its file goes. */
  readonly stopCommands: readonly ServiceCommand[];
  /** After its file went. */
  readonly forgetCommands: readonly ServiceCommand[];
  /** Succeeds while it runs. */
  readonly checkCommand: ServiceCommand;
  /** Shows how it is doing. */
  readonly statusCommand: string;
  /** What to know about when it runs. */
  readonly note: string;
}

/** The manager of a platform; undefined where we know none. */
export function serviceManager(
  platform: NodeJS.Platform,
  environment: Environment,
  homeFolder: string,
): ServiceManager | undefined {
  if (platform === "linux") return systemd(environment, homeFolder);
  return platform === "darwin" ? launchd(homeFolder) : undefined;
}

function systemd(environment: Environment, homeFolder: string): ServiceManager {
  const xdg = environment["XDG_CONFIG_HOME"];
  const config = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeFolder, ".config");
  const reload: ServiceCommand = ["systemctl", "--user", "daemon-reload"];
  return {
    name: "systemd",
    path: join(config, "systemd", "user", SYSTEMD_UNIT),
    text: systemdUnit,
    prepareCommands: [],
    startCommands: [
      reload,
      ["systemctl", "--user", "enable", SYSTEMD_UNIT],
      ["systemctl", "--user", "restart", SYSTEMD_UNIT],
    ],
    stopCommands: [["systemctl", "--user", "disable", "--now", SYSTEMD_UNIT]],
    forgetCommands: [reload],
    checkCommand: ["systemctl", "--user", "is-active", SYSTEMD_UNIT],
    statusCommand: `systemctl --user status ${SYSTEMD_UNIT}`,
    note: "It runs while you are logged in; for longer: loginctl enable-linger",
  };
}

function launchd(homeFolder: string): ServiceManager {
  const path = join(homeFolder, "Library", "LaunchAgents", `${LAUNCHD_LABEL}.plist`);
  const domain = `gui/${process.getuid?.() ?? 0}`;
  const stop: ServiceCommand = ["launchctl", "bootout", `${domain}/${LAUNCHD_LABEL}`];
  return {
    name: "launchd",
    path,
    text: launchdAgent,
    // It takes no second one of a name, also when the file is another one.
    prepareCommands: [stop],
    startCommands: [["launchctl", "bootstrap", domain, path]],
    stopCommands: [stop],
    forgetCommands: [],
    checkCommand: ["launchctl", "print", `${domain}/${LAUNCHD_LABEL}`],
    statusCommand: `launchctl print ${domain}/${LAUNCHD_LABEL}`,
    note: "It runs while you are logged in.",
  };
}

/** Commands that were run; those from the first one on that failed, with what it said. */
export interface CommandsOutcome {
  readonly failed: { readonly command: ServiceCommand; readonly reason: string } | undefined;
  readonly left: readonly ServiceCommand[];
}

const COMMAND_TIMEOUT_MILLIS = 30_000;

/** Runs commands one after the other, until one fails. Never rejects. */
export async function runServiceCommands(
  commands: readonly ServiceCommand[],
  environment: Environment,
): Promise<CommandsOutcome> {
  for (const [at, command] of commands.entries()) {
    const [program, ...argv] = command;
    const path = findProgram(program, environment);
    const outcome =
      path === undefined
        ? { isDone: false, output: `${program} is not on this machine` }
        : await runProgramFile(path, argv, environment, COMMAND_TIMEOUT_MILLIS);
    if (outcome.isDone) continue;
    const [reason = ""] = outcome.output.trim().split("\n");
    return {
      failed: { command, reason: reason === "" ? "it failed without a word" : reason },
      left: commands.slice(at),
    };
  }
  return { failed: undefined, left: [] };
}
