export { ConfigError, type ConfigProblem } from "./config/config-error.ts";
export {
  createProjectFinder,
  findProjectConfig,
  NEW_PROJECT_FILE,
  type ProjectConfigFile,
  primaryCheckout,
  userConfigFile,
} from "./config/find-config.ts";
export { ignoreInGit } from "./config/ignore-in-git.ts";
export {
  type ConfigLayer,
  type ConfigPlaces,
  type LoadedConfig,
  loadConfig,
  projectStorage,
  readBlock,
} from "./config/load-config.ts";
export { nearestName } from "./config/nearest-name.ts";
export { DEFAULT_CONFIG, resolveConfig } from "./config/resolve-config.ts";
export { qualityKey, shownMeasures, type TrackedFact, trackedPart, tracksEverything } from "./config/tracking.ts";
export {
  BUDGET_SCOPES,
  type BudgetConfig,
  type BudgetScope,
  type BudgetWindow,
  type DashboardThresholds,
  EXPORT_FORMATS,
  type ExportFormat,
  type MetricsConfig,
  type PriceConfig,
  type Threshold,
  type TokenPriceConfig,
} from "./config/types.ts";
export { createPriceBook } from "./prices/book.ts";
export { contextWindowOf } from "./prices/list.ts";
export {
  costNanoUsd,
  isSamePrice,
  type PriceBook,
  type PriceLine,
  type PriceQuestion,
  type UnitPrices,
} from "./prices/types.ts";
export { primaryFolder } from "./primary-folder.ts";
export {
  databasePath,
  type Environment,
  homeFolder,
  resolveStorageFolder,
  type StorageOptions,
  spoolFolder,
} from "./storage.ts";
