/**
 * What the series have reached, in Prometheus' text format 0.0.4: what a scrape at this moment would read.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { joinText } from "./join-text.ts";
import { createSeriesLines, labelsText, toLabelValue } from "./prometheus-lines.ts";
import { familyName } from "./prometheus-names.ts";
import type { ExportQuestion, ExportSource, ExportText } from "./types.ts";

/** Media type of the text. */
export const PROMETHEUS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One block of lines per metric. */
export function exportPrometheus(source: ExportSource, question: ExportQuestion): ExportText {
  return joinText(blocksOf(source, question));
}

function* blocksOf({ cumulative }: ExportSource, { filter }: ExportQuestion): Generator<string> {
  for (const metric of cumulative.state({ ...filter, toValue: toLabelValue }).metrics) {
    const name = `${familyName(metric).family}${metric.kind === "counter" ? "_total" : ""}`;
    yield `# HELP ${name} ${metric.description}\n# TYPE ${name} ${metric.kind}\n`;
    for (const series of metric.series) yield createSeriesLines(metric, labelsText(series.attributes))(series, "");
  }
}
