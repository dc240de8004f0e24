/** `startMetrics()` alone: what an application starts with, and nothing else of the package. */
export { startMetrics } from "./start-metrics.ts";
