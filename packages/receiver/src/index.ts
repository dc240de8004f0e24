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
export { catchUpApart } from "./catch-up-apart.ts";
export type { CatchUpJob } from "./catch-up-job.ts";
export { drainSpool, type SpoolOutcome } from "./drain-spool.ts";
