export type { AgentEvents, ToolEvent } from "./agent-events.ts";
export { type Budget, BudgetExceededError, type BudgetLimits, type UsedBudget, withBudget } from "./budget.ts";
export { type CurrentIds, currentIds } from "./current-ids.ts";
export { type AgentOptions, instrumentAgent } from "./instrument-agent.ts";
export { instrumentTool } from "./instrument-tool.ts";
export type { ResultDetails, Task, TaskOptions } from "./open-task.ts";
export { type QualityScores, type QualityShare, recordQuality } from "./record-quality.ts";
export { recordUsage, type UsageRecord } from "./record-usage.ts";
export {
  type ChangedFiles,
  type ChangedLines,
  recordFiles,
  recordLines,
} from "./record-work.ts";
export {
  configure,
  droppedMeasurements,
  type FactSink,
  type PriceCall,
  type PricedCall,
  setFactSink,
  setPriceCall,
  setProcessSessionId,
} from "./registry.ts";
export { type SessionOptions, withSession } from "./session.ts";
export type { InstrumentationSettings } from "./settings.ts";
export { withTask } from "./task.ts";
export type { TokenWarning } from "./token-warning.ts";
export { type ToolOptions, withTool } from "./tool.ts";
