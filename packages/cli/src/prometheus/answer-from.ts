/** The way of commands that answer from Prometheus instead of the ledger. */
import type { TimeRange } from "@moai-metrics/model";
import type { UsageReader } from "@moai-metrics/report";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { LedgerFilter } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import type { CommonFlags, FilterFlags } from "../flags/declare.ts";
import type { Screen } from "../output/screen.ts";

/** What a command answers from. */
export interface AnswerFromInput {
  readonly reader: UsageReader;
  readonly screen: Screen;
  readonly config: MetricsConfig;
  readonly filter: Omit<LedgerFilter, "range">;
  /** The time that is asked about. */
  readonly range: TimeRange;
}

/** Stands under every table. */
export const FROM_NOTE: string =
  "From Prometheus: what was written while it happened. Sessions, failed calls and calls without a price are known to the ledger alone.";

/** Without a range the answer is about so long. */
const DEFAULT_DAYS = 30;
const DAY_MILLIS = 86_400_000;

/**
 * @param rangeOf the range of the flags.
 * @param edgesOf moments, beside both ends, between which something is asked.
 */
export async function answerFrom(
  context: CliContext,
  flags: CommonFlags & FilterFlags & { readonly from: string },
  rangeOf: (screen: Screen) => TimeRange | undefined,
  edgesOf: (range: TimeRange, screen: Screen) => readonly number[],
  show: (input: AnswerFromInput) => void,
): Promise<void> {
  const [{ resolveScreen }, { resolveFilter }, { readCounters }, { createUsageReader }] = await Promise.all([
    import("../output/screen.ts"),
    import("../flags/filter.ts"),
    import("./ask-prometheus.ts"),
    import("@moai-metrics/report"),
  ]);
  const screen = resolveScreen(context, flags);
  const { calendar } = screen;
  const tomorrow = calendar.startOf(calendar.dateOf(calendar.startOf(calendar.dateOf(context.now())) + 36 * 3_600_000));
  const startMillis = calendar.startOf(calendar.dateOf(context.now() - (DEFAULT_DAYS - 1) * DAY_MILLIS));
  const range = rangeOf(screen) ?? { startMillis, endMillis: tomorrow };
  const edges = new Set([range.startMillis, ...edgesOf(range, screen), range.endMillis]);
  const reader = createUsageReader(
    await readCounters(
      flags.from,
      [...edges].sort((a, b) => a - b),
    ),
  );
  const { filter, warnings } = resolveFilter(flags, reader, context.environment.workingFolder);
  for (const warning of warnings) context.warn(warning);
  const { config } = await context.loadConfig(flags);
  show({ reader, screen, config, filter, range });
}
