/** Sets up where measurements go: into the local store where its package is installed, else over OTLP. */
import { registry } from "../registry.ts";
import { type LoadPackage, loadIfInstalled, loadPackage } from "./load-package.ts";
import { startOtlp } from "./start-otlp.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const LOCAL = "@moai-metrics/sqlite-exporter/start";

/** Sets things up in two steps. */
export interface Start {
  /** Loads what takes time to load, while the application itself is still loading. Never throws. */
  prepare(): void;
  /** To be called before the first measurement. Never throws. */
  start(): void;
}

/** Creates it. What the application has set up itself by the first measurement is left alone. */
export function createStart(environment: Environment, load: LoadPackage = loadPackage): Start {
  return {
    prepare: () => {
      try {
        loadIfInstalled(load, LOCAL);
      } catch {
        // Whatever it is will be told when it matters.
      }
    },
    start: () => {
      if (registry.sink !== undefined) return;
      try {
        const local = loadIfInstalled(load, LOCAL) as typeof import("@moai-metrics/sqlite-exporter/start") | undefined;
        if (local === undefined) startOtlp(environment, load);
        else local.startMetrics({ environment });
      } catch (error) {
        process.emitWarning(`moai-metrics records nothing. ${error instanceof Error ? error.message : String(error)}`, {
          code: "MOAI_METRICS_REGISTER",
        });
      }
    },
  };
}
