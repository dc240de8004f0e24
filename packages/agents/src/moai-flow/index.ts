/** MoAI-Flow's phase 6A metrics: what its file holds, and what that means here. */
export { type MoaiFlowSample, mapAgentMetricRow, mapSwarmMetricRow } from "./map-metric.ts";
export { type MoaiFlowOrigin, mapTaskRow } from "./map-task.ts";
export { MOAI_FLOW_PRODUCT, MOAI_FLOW_TABLES, type SourceRow } from "./source-rows.ts";
