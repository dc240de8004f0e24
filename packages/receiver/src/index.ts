export {
  type AlertCounters,
  type AlertInput,
  type AlertOutcome,
  type AlertTeller,
  type AlertTellerOptions,
  createAlertTeller,
} from "./alerts/alert-teller.ts";
export { planTold, type Told } from "./alerts/plan-told.ts";
export { readTold, writeTold } from "./alerts/told-file.ts";
export {
  type CatchUpOptions,
  type CatchUpOutcome,
  type CatchUpProgress,
  catchUp,
  type FileFailure,
  type PreparedCatchUp,
  prepareCatchUp,
  type SourceOutcome,
} from "./catch-up.ts";
export { drainHooks, type HooksOutcome } from "./drain-hooks.ts";
export { drainSpool, type SpoolOutcome } from "./drain-spool.ts";
export { newToken, readTokenOf, tokenPath } from "./http/token.ts";
export { projectConfigs } from "./project-configs.ts";
export { type ConfigOfProject, createTrackingStore } from "./tracking-store.ts";
export {
  type DueReportsOptions,
  missingDueReports,
  writeDueReports,
} from "./written-reports/write-due-reports.ts";
export {
  type MissingReport,
  type WriteReportsOptions,
  type WriteReportsOutcome,
  writeReports,
} from "./written-reports/write-reports.ts";
