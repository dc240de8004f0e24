/**
 * How the series grew, in OpenMetrics 1.0 with times: for `promtool tsdb create-blocks-from openmetrics`.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 *
 * A series has a sample at both ends of every step in which it grew, the first of them 0, and one at the end: between
 * two samples nothing happened, so the rate of any stretch is right, and the last one is the ledger's total. There are
 * no `_created` samples: a backfill would store them as series of their own.
 */
import type { CumulativeStep } from "@moai-metrics/store";
import { joinText } from "./join-text.ts";
import { createSeriesLines, labelsText, toLabelValue } from "./prometheus-lines.ts";
import { familyName } from "./prometheus-names.ts";
import type { ExportQuestion, ExportSource, ExportText } from "./types.ts";

/** A question, and how fine the history is. */
export interface OpenMetricsQuestion extends ExportQuestion {
  readonly step: CumulativeStep;
}

/** Families one after the other, inside of them series, inside of them times. */
export function exportOpenMetrics(source: ExportSource, question: OpenMetricsQuestion): ExportText {
  return joinText(linesOf(source, question));
}

function* linesOf({ cumulative }: ExportSource, question: OpenMetricsQuestion): Generator<string> {
  const { filter, step, nowMillis } = question;
  for (const metric of cumulative.history({ ...filter, step, nowMillis, toValue: toLabelValue })) {
    const { family, unit } = familyName(metric);
    yield `# TYPE ${family} ${metric.kind}\n`;
    if (unit !== undefined) yield `# UNIT ${family} ${unit}\n`;
    yield `# HELP ${family} ${metric.description}\n`;
    for (const { attributes, samples } of metric.series) {
      const linesOfSample = createSeriesLines(metric, labelsText(attributes));
      for (const sample of samples) yield linesOfSample(sample, ` ${sample.atMillis / 1_000}`);
    }
  }
  yield "# EOF\n";
}
