/** Everything that plans are made from, read once. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import type { CommonFlags } from "../flags/declare.ts";
import { type FoundAgent, findAgents } from "../machine/find-agents.ts";
import { MANAGED_SETTINGS_FILES } from "../machine/managed-settings.ts";
import { isRunnerCache, packageFolder } from "../machine/package-folder.ts";
import { probeReceiver, type ReceiverAnswer } from "../machine/probe-receiver.ts";
import { jsonAt } from "./edit/json-text.ts";
import { type ServiceManager, serviceManager } from "./service/service.ts";

/** What is on this machine. */
export interface Situation {
  readonly storage: string;
  readonly config: MetricsConfig;
  readonly agents: readonly FoundAgent[];
  /** The receiver's address; undefined when its port is taken anew each time. */
  readonly url: string | undefined;
  /** The token that senders need; undefined when none is asked for, or there is none yet. */
  readonly token: string | undefined;
  readonly receiver: ReceiverAnswer;
  readonly service: ServiceManager | undefined;
  /** Settings of Claude Code that an administrator manages. */
  readonly managed: Readonly<Record<string, unknown>>;
  /** Where the command itself lies. */
  readonly packageFolder: string;
  /** The command lies where it may be deleted. */
  readonly isInCache: boolean;
}

/** Looks around. @throws ConfigError for the user's own file; CommandError for a token that cannot be used. */
export async function readSituation(
  context: CliContext,
  flags: Pick<CommonFlags, "storage" | "config">,
  platform: NodeJS.Platform = process.platform,
): Promise<Situation> {
  const { environment } = context;
  const { variables, homeFolder, workingFolder } = environment;
  const [{ loadConfig, resolveStorageFolder }, { readTokenOf }] = await Promise.all([
    import("@moai-metrics/settings"),
    import("@moai-metrics/receiver"),
  ]);
  const storage = resolveStorageFolder({ storage: flags.storage, environment: variables });
  // A service stands in no project, so only what the user says holds.
  const { config } = loadConfig({
    environment: variables,
    folder: "/",
    file: flags.config && resolve(workingFolder, flags.config),
  });
  const { host, port, requiresToken } = config.receiver;
  const token = requiresToken ? tokenOf(() => readTokenOf(storage)) : undefined;
  const url = port === 0 ? undefined : `http://${addressOf(host)}:${port}`;
  const [agents, receiver] = await Promise.all([
    findAgents({ environment: variables, homeFolder, workingFolder }),
    url === undefined ? ({ state: "none" } as const) : probeReceiver(url, storage, token),
  ]);
  const folder = packageFolder();
  return {
    storage,
    config,
    agents,
    url,
    token,
    receiver,
    service: serviceManager(platform, variables, homeFolder),
    managed: readObject(MANAGED_SETTINGS_FILES[platform]),
    packageFolder: folder,
    isInCache: isRunnerCache(folder),
  };
}

/** Every address of this machine is reached by that of loopback, too. */
function addressOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function tokenOf(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error });
  }
}

function readObject(path: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const content = path === undefined ? undefined : jsonAt(readFileSync(path, "utf8"), []);
    return typeof content === "object" && content !== null ? (content as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
