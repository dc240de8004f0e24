/** Decides what is written where. Pure. */
import { join, resolve } from "node:path";
import { ROW_KINDS, type RowKind } from "@moai-metrics/report";
import type { ExportFormat } from "@moai-metrics/settings";
import type { ExportFlags } from "../commands/export.ts";
import { UsageError } from "../errors.ts";

/** One text and its place. */
export interface ExportPart {
  readonly format: ExportFormat;
  /** CSV only. */
  readonly kind: RowKind | undefined;
  /** Undefined: standard output. */
  readonly path: string | undefined;
  readonly isCompressed: boolean;
}

/** @throws UsageError for flags that the format would have to ignore, and for several tables without a folder. */
export function planExport(flags: ExportFlags, configured: ExportFormat, workingFolder: string): readonly ExportPart[] {
  const { format = configured, out, kind, step, gzip = false } = flags;
  if (kind !== undefined && format !== "csv") {
    throw new UsageError(
      `--kind chooses tables of csv; ${format} holds everything. Leave it out, or add --format csv.`,
    );
  }
  if (step !== undefined && format !== "openmetrics" && format !== "grafana") {
    throw new UsageError(`--step belongs to openmetrics and grafana; ${format} has no steps. Leave it out.`);
  }
  const path = out === undefined ? undefined : resolve(workingFolder, out);
  const isCompressed = gzip || (path?.endsWith(".gz") ?? false);
  if (format !== "csv") return [{ format, kind: undefined, path, isCompressed }];
  const kinds = kind === undefined ? ROW_KINDS : [...new Set(kind)];
  const [only, another] = kinds;
  if (only !== undefined && another === undefined) return [{ format, kind: only, path, isCompressed }];
  if (path === undefined) {
    throw new UsageError(
      `CSV has one table for each of ${kinds.join(", ")}. Name one, such as --kind tasks, or a folder for all: --out FOLDER.`,
    );
  }
  if (/\.(csv|gz)$/i.test(path)) {
    throw new UsageError(
      `--out ${out} looks like a file, and ${kinds.length} tables need a folder. Name one, or one --kind.`,
    );
  }
  return kinds.map((each) => ({
    format,
    kind: each,
    path: join(path, `${each}.csv${isCompressed ? ".gz" : ""}`),
    isCompressed,
  }));
}
