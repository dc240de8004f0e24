/** Renders a report in the form that was asked for, and writes it where it was asked for. */
import { resolve } from "node:path";
import { type Page, renderHtml, renderJson, renderMarkdown, renderText } from "@moai-metrics/report";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import type { Screen } from "../output/screen.ts";
import { writeFileWhole } from "../output/write-file.ts";

/** The same answer in every form; only the one that is asked for is made. */
export interface ReportForms {
  readonly document: () => unknown;
  readonly page: () => Page;
  readonly csv: () => string;
}

/** Writes a report to the file of `--out`, or to standard output. */
export function writeReport(context: CliContext, screen: Screen, flags: ReportFlags, forms: ReportForms): void {
  const text = render(screen, flags, forms);
  if (flags.out === undefined) {
    context.write(text);
    return;
  }
  const path = resolve(context.environment.workingFolder, flags.out);
  writeFileWhole(path, text);
  context.warn(`Written to ${path}`);
}

function render(screen: Screen, { format }: ReportFlags, { document, page, csv }: ReportForms): string {
  switch (format) {
    case "json":
      return renderJson(document());
    case "csv":
      return csv();
    case "md":
      return renderMarkdown(page());
    case "html":
      return renderHtml(page());
    case "table":
      return `${renderText(page(), screen).join("\n")}\n`;
  }
}
