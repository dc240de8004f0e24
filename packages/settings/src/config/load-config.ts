/** Reads configurations. Without a file nothing but a few looks at the disk is spent, and zod is not loaded. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "../storage.ts";
import { blockOfProject, budgetsWithoutPlace, withBudgetPaths } from "./block-of-project.ts";
import type { checkBlock as CheckBlock } from "./check-config.ts";
import { ConfigError } from "./config-error.ts";
import { findProjectConfig, type ProjectConfigFile, userConfigFile } from "./find-config.ts";
import { DEFAULT_CONFIG, mergeBlocks, resolveConfig } from "./resolve-config.ts";
import type { MetricsBlock } from "./schema.ts";
import type { MetricsConfig } from "./types.ts";

/** Where to look. */
export interface ConfigPlaces {
  readonly environment: Environment;
  /** The project that this folder lies in has its say before the user. */
  readonly folder: string;
  /** `--config FILE`: this file instead of the project's. */
  readonly file?: string | undefined;
}

/** A file that had its say. */
export interface ConfigLayer {
  readonly path: string;
  readonly origin: "project" | "user" | "flag";
  readonly block: MetricsBlock;
}

/** The settings, and who said them. */
export interface LoadedConfig {
  readonly config: MetricsConfig;
  /** The stronger first. Empty when there is no file. */
  readonly layers: readonly ConfigLayer[];
  /** The project that was found; its documents lie in {@link projectStorage}. */
  readonly project: ProjectConfigFile | undefined;
}

/**
 * The settings that hold in a folder: the project's over the user's over the defaults.
 *
 * @throws ConfigError for a file that cannot be read or holds what it must not.
 */
export function loadConfig({ environment, folder, file }: ConfigPlaces): LoadedConfig {
  const project = file === undefined ? findProjectConfig(folder) : undefined;
  const layers: ConfigLayer[] = [];
  const add = (path: string, origin: ConfigLayer["origin"], isRequired: boolean): void => {
    const block = readBlock(path, isRequired);
    if (block !== undefined) layers.push({ path, origin, block });
  };
  if (file !== undefined) add(resolve(folder, file), "flag", true);
  if (project !== undefined) add(project.path, "project", true);
  add(userConfigFile(environment), "user", false);
  const blocks = layers.map((layer) => blockOf(layer, project?.folder ?? folder));
  const config = blocks.length === 0 ? DEFAULT_CONFIG : resolveConfig(blocks.reduce(mergeBlocks));
  return { config, layers, project };
}

/** What a layer says, with the paths in it. @throws ConfigError for a path that is relative to nothing. */
function blockOf({ origin, path, block }: ConfigLayer, folder: string): MetricsBlock {
  if (origin === "project") return blockOfProject(block, folder);
  if (origin === "flag") return withBudgetPaths(block, folder);
  const problems = budgetsWithoutPlace(block).map(({ index, path: project }) => ({
    key: `metrics.budgets[${index}].project`,
    message: `is "${project}", which only a project's own file can say: write the whole path, or the name of the folder.`,
  }));
  if (problems.length > 0) throw new ConfigError(path, problems);
  return block;
}

/** Where a project's documents lie. */
export function projectStorage(project: ProjectConfigFile, { storage }: MetricsConfig): string {
  return resolve(project.folder, storage);
}

/**
 * The block `metrics` of a file; empty when the file has none. Undefined when there is no file.
 *
 * @throws ConfigError
 */
export function readBlock(path: string, isRequired: boolean): MetricsBlock | undefined {
  const content = readJson(path, isRequired);
  if (content === undefined) return undefined;
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError(path, [{ key: "", message: `must hold { "metrics": { … } }.` }]);
  }
  const block: unknown = (content as Record<string, unknown>)["metrics"];
  if (block === undefined) return {};
  const checked = loadCheck()(block);
  if (!checked.isValid) throw new ConfigError(path, checked.problems);
  return checked.block;
}

function readJson(path: string, isRequired: boolean): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!isRequired && (code === "ENOENT" || code === "ENOTDIR")) return undefined;
    throw new ConfigError(path, [{ key: "", message: `cannot be read (${code ?? String(error)}).` }]);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new ConfigError(path, [{ key: "", message: `is not JSON: ${(error as Error).message}` }]);
  }
}

const require = createRequire(import.meta.url);

/** The schema takes tens of milliseconds to load, which only those pay who have a configuration. */
function loadCheck(): typeof CheckBlock {
  const module = require(fileURLToPath(new URL("./check-config.ts", import.meta.url)));
  return (module as { checkBlock: typeof CheckBlock }).checkBlock;
}
