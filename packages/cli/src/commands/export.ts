/** `export`: everything that is stored, for other programs. */
import type { RowKind } from "@moai-metrics/report";
import type { ExportFormat } from "@moai-metrics/settings";
import type { CumulativeStep } from "@moai-metrics/store";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CliContext } from "../context.ts";
import {
  addCommonFlags,
  addFilterFlags,
  addRangeFlags,
  type CommonFlags,
  type FilterFlags,
  type RangeFlags,
} from "../flags/declare.ts";
import { parseNames } from "../flags/values.ts";

// Written out, because a command is declared without loading what it will need.
const FORMATS = ["json", "csv", "prometheus", "openmetrics", "grafana"] as const satisfies readonly ExportFormat[];
const KINDS = ["sessions", "tasks", "calls", "tools"] as const satisfies readonly RowKind[];
const STEPS = { "quarter-hour": "quarterHour", hour: "hour", day: "day" } as const satisfies Record<
  string,
  CumulativeStep
>;

/** Flags of the command. */
export type ExportFlags = CommonFlags &
  FilterFlags &
  RangeFlags & {
    readonly format?: ExportFormat;
    readonly gzip?: boolean;
    readonly out?: string;
    readonly kind?: readonly RowKind[];
    readonly step?: keyof typeof STEPS;
  };

/** The step as the store knows it. */
export function stepOf({ step = "hour" }: ExportFlags): CumulativeStep {
  return STEPS[step];
}

/** Adds the command. */
export function addExportCommand(program: Command, context: CliContext): void {
  const command = program
    .command("export")
    .description("everything that is stored, as JSON, CSV, Prometheus text, OpenMetrics or Grafana JSON")
    .addOption(
      new Option("-f, --format <format>", "default: reporting.export_format of the settings, else json").choices(
        FORMATS,
      ),
    )
    .option("--out <file>", "write it into this file, whole or not at all; a name in .gz means --gzip")
    .option("--gzip", "compress it")
    .option(
      "--kind <kinds>",
      `csv: which tables, of ${KINDS.join(", ")} (tools: tool calls); several, or all without it, become one file ` +
        "each in the folder that --out names",
      parseKinds,
    )
    .addOption(
      new Option("--step <length>", "openmetrics, grafana: how far samples are apart (default: hour)").choices(
        Object.keys(STEPS),
      ),
    );
  addFilterFlags(addRangeFlags(command, "days"));
  addCommonFlags(command).action(async (flags: ExportFlags) => {
    const { runExport } = await import("../export/run-export.ts");
    await runExport(context, flags);
  });
}

function parseKinds(text: string, earlier?: readonly RowKind[]): readonly RowKind[] {
  return parseNames(text, earlier).map((name) => {
    const kind = KINDS.find((known) => known === name);
    if (kind === undefined) throw new InvalidArgumentError(`Write one or more of ${KINDS.join(", ")}.`);
    return kind;
  });
}
