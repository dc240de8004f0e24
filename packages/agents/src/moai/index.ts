/** What MoAI-ADK and the PRD's first hook left in a project, as facts. */
export { mapChainEvents } from "./map-chain.ts";
export { mapSpec } from "./map-spec.ts";
export {
  type MoaiFileFacts,
  mapActiveSessions,
  mapDayFile,
  mapTaskMetrics,
  mapTokenAccounting,
  mapVerifySnapshot,
} from "./moai-files.ts";
