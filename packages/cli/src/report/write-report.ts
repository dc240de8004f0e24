/** Renders a report in the form that was asked for, and writes it where it was asked for. */
import { resolve } from "node:path";
import { hiddenFields, hiddenKeys, renderJson, toPlainText, withoutKeys, withoutParts } from "@moai-metrics/report";
import { type Page, renderHtml, renderMarkdown, renderText } from "@moai-metrics/report/pages";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import type { Screen } from "../output/screen.ts";
import { writeFileWhole } from "../output/write-file.ts";

/** The same answer in every form; only the one that is asked for is made. */
export interface ReportForms {
  readonly document: () => unknown;
  readonly page: () => Page;
  /** Told which columns to leave out. */
  readonly csv: (hidden: ReadonlySet<string>) => string;
}

/** What a report is shown by. */
export interface ReportFrame {
  readonly screen: Screen;
  readonly config: MetricsConfig;
  /** The row command whose fields the report shows. */
  readonly command: string;
}

/** Writes a report, without what the settings hide, to the file of `--out`, or to standard output. */
export function writeReport(context: CliContext, frame: ReportFrame, flags: ReportFlags, forms: ReportForms): void {
  const text = render(frame, flags, withLabel(forms, context.dataLabel));
  if (flags.out === undefined) {
    context.write(text);
    return;
  }
  const path = resolve(context.environment.workingFolder, flags.out);
  writeFileWhole(path, text);
  context.warn(`Written to ${toPlainText(path)}`);
}

/** A page may be printed or sent: that its numbers are invented is said on it. */
function withLabel(forms: ReportForms, label: string | undefined): ReportForms {
  return { ...forms, page: () => ({ ...forms.page(), label }) };
}

function render(
  { screen, config, command }: ReportFrame,
  { format }: ReportFlags,
  { document, page, csv }: ReportForms,
): string {
  const hidden = hiddenFields(command, config);
  const shownPage = (): Page => withoutParts(page(), hidden);
  switch (format) {
    case "json":
      return renderJson(withoutKeys(document(), new Set([...hidden, ...hiddenKeys(config)])));
    case "csv":
      return csv(hidden);
    case "md":
      return renderMarkdown(shownPage());
    case "html":
      return renderHtml(shownPage());
    case "table":
      return `${renderText(shownPage(), screen).join("\n")}\n`;
  }
}
