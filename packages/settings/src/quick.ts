/**
 * The settings for programs that have to answer within milliseconds. Nothing is checked, and what does not read as a
 * configuration is left out: every other command says what is wrong with it.
 */
import { readFileSync } from "node:fs";
import { blockOfProject } from "./config/block-of-project.ts";
import { findProjectConfig, userConfigFile } from "./config/find-config.ts";
import { DEFAULT_CONFIG, mergeBlocks, resolveConfig } from "./config/resolve-config.ts";
import type { MetricsBlock } from "./config/schema.ts";
import type { MetricsConfig } from "./config/types.ts";
import type { Environment } from "./storage.ts";

export type { BudgetConfig, MetricsConfig } from "./config/types.ts";
export { databasePath, type Environment, resolveStorageFolder } from "./storage.ts";

/** The settings that hold in a folder, without the checks of `loadConfig`. Never throws. */
export function quickConfig(environment: Environment, folder: string): MetricsConfig {
  try {
    const project = findProjectConfig(folder);
    const ofProject = project === undefined ? undefined : readBlock(project.path);
    const ofUser = readBlock(userConfigFile(environment));
    const blocks = [
      ...(project === undefined || ofProject === undefined ? [] : [blockOfProject(ofProject, project.folder)]),
      ...(ofUser === undefined ? [] : [ofUser]),
    ];
    return blocks.length === 0 ? DEFAULT_CONFIG : resolveConfig(blocks.reduce(mergeBlocks));
  } catch {
    return DEFAULT_CONFIG;
  }
}

function readBlock(path: string): MetricsBlock | undefined {
  try {
    const { metrics } = JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")) as { metrics?: MetricsBlock };
    return metrics;
  } catch {
    return undefined;
  }
}
