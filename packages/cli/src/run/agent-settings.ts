/** What an agent's own settings say of telemetry, where they lie. Read only. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@moai-metrics/settings";
import { jsonAt } from "../init/edit/json-text.ts";
import { tomlAt } from "../init/edit/toml-text.ts";
import { MANAGED_SETTINGS_FILES } from "../machine/managed-settings.ts";
import type { AgentProduct } from "./recognize-command.ts";

type Table = Readonly<Record<string, unknown>>;

/** What settings files say; empty where there are none, and for other agents. */
export interface AgentSettings {
  /** `env` of Claude Code's user settings: these outrank the environment of the process. */
  readonly claudeEnvironment: Environment;
  /** The same of managed settings, which nothing outranks. */
  readonly claudeManagedEnvironment: Environment;
  /** `telemetry` of Gemini CLI's user settings. */
  readonly geminiTelemetry: Table;
  /** `[otel]` of Codex's configuration. */
  readonly codexTelemetry: Table;
}

const NO_SETTINGS: AgentSettings = {
  claudeEnvironment: {},
  claudeManagedEnvironment: {},
  geminiTelemetry: {},
  codexTelemetry: {},
};

/** Reads them. What cannot be read says nothing: the agent itself will tell. */
export function readAgentSettings(
  agent: AgentProduct | undefined,
  environment: Environment,
  homeFolder: string,
): AgentSettings {
  switch (agent) {
    case "claude-code": {
      const folder = environment["CLAUDE_CONFIG_DIR"]?.split(",")[0]?.trim() || join(homeFolder, ".claude");
      return {
        ...NO_SETTINGS,
        claudeEnvironment: textsOf(jsonPart(join(folder, "settings.json"), "env")),
        claudeManagedEnvironment: textsOf(jsonPart(MANAGED_SETTINGS_FILES[process.platform], "env")),
      };
    }
    case "codex": {
      const file = join(environment["CODEX_HOME"] || join(homeFolder, ".codex"), "config.toml");
      return { ...NO_SETTINGS, codexTelemetry: partOf(file, (text) => tomlAt(text, "otel")) };
    }
    case "gemini-cli": {
      const file = join(environment["GEMINI_CLI_HOME"] || homeFolder, ".gemini", "settings.json");
      return { ...NO_SETTINGS, geminiTelemetry: jsonPart(file, "telemetry") };
    }
    default:
      return NO_SETTINGS;
  }
}

function jsonPart(file: string | undefined, key: string): Table {
  return partOf(file, (text) => jsonAt(text, [key]));
}

function partOf(file: string | undefined, read: (text: string) => unknown): Table {
  try {
    const part = file === undefined ? undefined : read(readFileSync(file, "utf8"));
    return typeof part === "object" && part !== null ? (part as Table) : {};
  } catch {
    return {};
  }
}

function textsOf(values: Table): Environment {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "object" || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}
