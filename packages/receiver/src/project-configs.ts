/** Which settings hold for the facts of each project: its own, wherever the command was typed. */
import { type Environment, loadConfig, type MetricsConfig } from "@moai-metrics/settings";
import type { ConfigOfProject } from "./tracking-store.ts";

/**
 * Looks a project's settings up once. Facts of no known project follow the user's own, and so do those of a project
 * whose file cannot be used, which is told once: a mistake there must not keep the others from being collected.
 *
 * @throws ConfigError when the user's own file cannot be used.
 */
export function projectConfigs(environment: Environment, warn: (line: string) => void): ConfigOfProject {
  // No project lies in the root: what is left are the user's own settings.
  const fallback = loadConfig({ environment, folder: "/" }).config;
  const known = new Map<string | undefined, MetricsConfig>([[undefined, fallback]]);
  const find = (project: string): MetricsConfig => {
    try {
      return loadConfig({ environment, folder: project }).config;
    } catch (error) {
      warn(
        `${error instanceof Error ? error.message : String(error)} Its project is collected with the user's own settings.`,
      );
      return fallback;
    }
  };
  return (project) => {
    const config = known.get(project);
    if (config !== undefined) return config;
    const found = find(project ?? "");
    known.set(project, found);
    return found;
  };
}
