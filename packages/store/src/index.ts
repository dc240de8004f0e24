export { StoreError, type StoreErrorCode } from "./errors.ts";
export { openStore } from "./open-store.ts";
export {
  type CallMeasures,
  type ChangeMeasures,
  DIMENSIONS,
  type Dimension,
  type LedgerFilter,
  type LedgerReader,
  type ModelShare,
  type SessionRow,
  type TaskMeasures,
  type TaskRow,
  type ToolMeasures,
  type ToolShare,
  type UsageGroup,
  type UsageQuestion,
} from "./read/types.ts";
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
export { listSpoolFiles, writeSpoolFile } from "./spool/files.ts";
export { decodeSpoolFile, encodeSpoolFile, type SpoolContent } from "./spool/format.ts";
export type {
  FileSkipCount,
  LedgerBatch,
  LedgerWriteResult,
  RollupDifference,
  SkipCount,
  Store,
  StoreOptions,
  TranscriptCursor,
  TranscriptMark,
} from "./types.ts";
