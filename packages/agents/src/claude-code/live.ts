/** What a running Claude Code tells of itself: through its hooks, and in its logs. */
export type { LogRecord } from "../telemetry/log-record.ts";
export { mapHook } from "./hooks.ts";
export { PRODUCT } from "./product.ts";
export { createClaudeCodeTelemetry } from "./telemetry.ts";
