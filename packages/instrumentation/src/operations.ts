/** The names of OpenTelemetry's GenAI operations that this package performs. */
import { canonicalName } from "@moai-metrics/model";

/** A model call, when the caller does not say which kind. */
export const CHAT = canonicalName("chat");
/** A run of an agent. */
export const INVOKE_AGENT = canonicalName("invokeAgent");
/** A call of a tool. */
export const EXECUTE_TOOL = canonicalName("executeTool");
