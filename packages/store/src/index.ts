export {
  ADOPTED_KINDS,
  type AdoptedCounts,
  type AdoptedKind,
  type MergeOptions,
  type MergeOutcome,
} from "./adopt/types.ts";
export type { Keeping, StoredField, StoredTable } from "./contents/types.ts";
export {
  CUMULATIVE_STEPS,
  type CumulativeAnswer,
  type CumulativeAttributes,
  type CumulativeHistoryQuestion,
  type CumulativeKind,
  type CumulativeMetric,
  type CumulativeMetricHistory,
  type CumulativeQuestion,
  type CumulativeReader,
  type CumulativeSample,
  type CumulativeSeries,
  type CumulativeSeriesHistory,
  type CumulativeState,
  type CumulativeStep,
  type CumulativeValue,
  OVERFLOW_VALUE,
} from "./cumulative/types.ts";
export { StoreError, type StoreErrorCode } from "./errors.ts";
export { acquireFileLock, type FileLock } from "./file-lock.ts";
export { isReadable, isWritable, sharedFileSystemOf } from "./file-system.ts";
export { type ForeignRow, type ForeignTables, openForeignTables } from "./foreign/table-reader.ts";
export type {
  ExposedAnswer,
  ExposedCounter,
  ExposedCounters,
  ExposedMetricState,
  ExposureQuestion,
} from "./live/exposure-types.ts";
export { LIVE_WINDOW_MILLIS } from "./live/types.ts";
export type { BackupOptions, BackupOutcome, BackupProgress } from "./maintenance/back-up.ts";
export { createSpaceGuard, type SpaceGuard } from "./maintenance/disk-space.ts";
export { type SalvagedTable, type SalvageOptions, type SalvageOutcome, salvageStore } from "./maintenance/salvage.ts";
export {
  type RetentionSettings,
  resolveStoreSettings,
  type StoreSettings,
  type StoreSettingsOptions,
} from "./maintenance/settings.ts";
export { storeSettingsOf } from "./maintenance/settings-of-config.ts";
export type {
  CheckPart,
  CheckResult,
  MaintenanceOptions,
  MaintenanceOutcome,
  MaintenanceProgress,
  StoreStats,
  TableStats,
  TierStats,
} from "./maintenance/types.ts";
export type { MigrationProgress } from "./migrations/progress.ts";
export { openStore } from "./open-store.ts";
export {
  AGGREGATE_FUNCTIONS,
  type AggregateFunction,
  defaultFunction,
  MEASURES,
  type Measure,
  type MeasureDefinition,
  type Population,
} from "./query/measures.ts";
export {
  type AgentRecord,
  type AgentsAnswer,
  type AnswerOrigin,
  type AverageQuestion,
  type CompareAnswer,
  type CompareQuestion,
  type Difference,
  type FactFilter,
  type GroupValue,
  INTERVALS,
  type Interval,
  type MetricsQuery,
  type ModelCallFilter,
  type ModelCallRecord,
  type OverallFilter,
  type OverallQuestion,
  type Page,
  type PageQuestion,
  type PercentileQuestion,
  type PointSeries,
  type PointsAnswer,
  type PointsQuestion,
  type RankedAgent,
  type SessionFilter,
  type SessionRecord,
  type SlowestTasksAnswer,
  type SlowestTasksQuestion,
  type SummaryAnswer,
  type SummaryFigures,
  type TaskFigures,
  type TaskFilter,
  type TaskRecord,
  type TaskSumFilter,
  type TimeAnswer,
  type TimeBucketRow,
  type TimeQuestion,
  type ToolCallFilter,
  type ToolCallRecord,
  type ToolFigures,
  type TopAgentsAnswer,
  type TopAgentsQuestion,
  type ValueAnswer,
} from "./query/types.ts";
export {
  type CallMeasures,
  type CallWitness,
  type ChangeMeasures,
  DIMENSIONS,
  type Dimension,
  type LedgerFilter,
  type LedgerReader,
  type MissedCall,
  type ModelShare,
  type QualityFilter,
  type QualityRow,
  REPORTERS,
  type RollupState,
  type SessionActivity,
  type SessionRow,
  type TaskMeasures,
  type TaskRow,
  type TelemetryQuestion,
  type TelemetryUse,
  type TokenPeak,
  type TokenPeakQuestion,
  type ToldCalls,
  type ToldFieldCounts,
  type ToolMeasures,
  type ToolShare,
  type UsageGroup,
  type UsageQuestion,
  type WitnessedModel,
  type WitnessedSession,
} from "./read/types.ts";
export { createReaderPool } from "./reader-pool/reader-pool.ts";
export type {
  ReaderAnswer,
  ReaderMethod,
  ReaderPool,
  ReaderPoolCounters,
  ReaderPoolOptions,
  ReaderQuestion,
  ReaderTarget,
} from "./reader-pool/types.ts";
export { type RetryBusyOptions, retryBusy } from "./retry-busy.ts";
export type { RebuildProgress } from "./rollup/types.ts";
export type {
  PointPage,
  PointQuestion,
  StepAnswer,
  StepQuestion,
  SummarizedSeries,
  SummaryPage,
  SummaryQuestion,
} from "./series/read/types.ts";
export { joinSummaries, type SummaryBucket } from "./series/summary/summarize.ts";
export type { DistributionSummary, NumberSummary, Resolution, SeriesSummary } from "./series/summary/types.ts";
export type {
  Attributes,
  AttributeValue,
  ExponentialHistogramValue,
  HistogramValue,
  NumberValue,
  PointBatch,
  PointValue,
  PointWriteResult,
  SeriesIdentity,
  SeriesPoint,
  StoredSeries,
  Temporality,
} from "./series/types.ts";
export { type LeftSpoolFile, listLeftSpoolFiles, listSpoolFiles, writeSpoolFile } from "./spool/files.ts";
export {
  decodeSpoolFile,
  encodeFacts,
  encodeSpoolFile,
  isNewerSpoolText,
  NO_POINTS,
  type SpoolContent,
} from "./spool/format.ts";
export {
  createFactJournal,
  decodeJournal,
  type FactJournal,
  type LeftFacts,
  listLeftJournals,
} from "./spool/journal.ts";
export type {
  FileSkipCount,
  LedgerBatch,
  LedgerWriteResult,
  RollupDifference,
  SkipCount,
  SpanLink,
  Store,
  StoreOptions,
  TranscriptCursor,
  TranscriptMark,
} from "./types.ts";
export type {
  RepricedModel,
  RepriceOptions,
  RepriceOutcome,
  RepriceProgress,
  RepriceResult,
} from "./write/reprice/types.ts";
export { closeGate, createGateState, createThreadGate, NO_GATE, type ThreadGate } from "./writing/thread-gate.ts";
export { createUpkeep, type Upkeep, type UpkeepCounters, type UpkeepOptions } from "./writing/upkeep.ts";
export { createUsableStore, type UsableStore } from "./writing/usable-store.ts";
