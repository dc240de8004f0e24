/** Reports of testing and linting tools. */
export { type QualityReport, type QualityReportOptions, readQualityReport } from "./read-report.ts";
export { type QualityFormat, type QualityReading, QualityReportError } from "./types.ts";
