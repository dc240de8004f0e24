/** Whether what lies on the disk is taken in, and what is due is written. */
import { TRANSCRIPT_FINDERS } from "@moai-metrics/agents/finders";
import { DAY_MILLIS } from "@moai-metrics/model";
import { missingDueReports } from "@moai-metrics/receiver";
import type { Store } from "@moai-metrics/store";
import type { CliEnvironment } from "../environment.ts";
import { type Finding, findingsAbout } from "./finding.ts";

/** A daemon reads within seconds; this is for one that has much to do. */
const READ_MILLIS = 10 * 60_000;

/** What the checks ask. */
export interface IntakeQuestion {
  readonly store: Pick<Store, "transcripts" | "ledger">;
  readonly environment: CliEnvironment;
  readonly storage: string;
  readonly nowMillis: number;
  readonly isReceiving: boolean;
}

/** Transcripts that have changed since they were read. */
export function unreadFindings({ store, environment, nowMillis, isReceiving }: IntakeQuestion): Finding[] {
  const { homeFolder, variables } = environment;
  return TRANSCRIPT_FINDERS.flatMap((finder) => {
    const { ok, note, problem } = findingsAbout(finder.product);
    const { files } = finder.discover(finder.roots({ homeFolder, variables }));
    if (files.length === 0) return [];
    const marks = store.transcripts(finder.product);
    const unread = files.filter(({ path, sizeBytes, modifiedAtMillis }) => {
      const mark = marks.get(path);
      return mark?.sizeBytes !== sizeBytes || mark.modifiedAtMillis !== modifiedAtMillis;
    });
    if (unread.length === 0) return [ok("intake", "every transcript was read to its end")];
    const oldest = Math.min(...unread.map(({ modifiedAtMillis }) => modifiedAtMillis));
    const text = `${unread.length} ${unread.length === 1 ? "transcript has" : "transcripts have"} changed since`;
    if (!isReceiving) return [note("intake", text, "Any command reads them: moai-metrics")];
    return nowMillis - oldest > READ_MILLIS
      ? [
          problem(
            "intake",
            `${text}, though a receiver runs`,
            "moai-metrics --verbose says why; then start the receiver anew.",
          ),
        ]
      : [ok("intake", `${text}; the receiver reads them`)];
  });
}

/** Reports of days and weeks that are over. A command has a day to come along and write them. */
export function reportFindings({ store, environment, storage, nowMillis, isReceiving }: IntakeQuestion): Finding[] {
  const { ok, note, problem } = findingsAbout("machine");
  const warnings: string[] = [];
  const { variables, timeZone } = environment;
  const missing = missingDueReports(store, {
    storage,
    environment: variables,
    timeZone,
    nowMillis,
    warn: (line) => warnings.push(line),
  });
  const findings = warnings.map((line) => problem("reports", line));
  const [newest] = missing;
  if (newest === undefined) return [...findings, ok("reports", "none is missing")];
  const late = missing.filter(({ dueSinceMillis }) => nowMillis - dueSinceMillis > DAY_MILLIS);
  const text = `${missing.length} of closed days and weeks ${missing.length === 1 ? "is" : "are"} missing, such as ${newest.path}`;
  const remedy = "moai-metrics writes them; a receiver does so by itself";
  return [
    ...findings,
    late.length > 0 || isReceiving ? problem("reports", text, remedy) : note("reports", text, remedy),
  ];
}
