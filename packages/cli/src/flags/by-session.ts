/** Flags that depend on whether single sessions or sums are looked at: sums, and counters, are kept without ids and tags. */
import type { LedgerFilter, Store } from "@moai-metrics/store";
import { type Command, InvalidArgumentError } from "commander";
import { parseTag } from "../query/flags.ts";

/** Flags that choose sessions by what they were tagged with. */
export interface TagFlags {
  /** Values of one key are alternatives. */
  readonly tag?: Readonly<Record<string, readonly string[]>>;
}

const NO_TAGS = "Sums by day, agent, model and project are not kept by tag. session, task, tool and query take --tag.";
const LEDGER_ONLY =
  "Counters do not tell it: only the ledger answers this. " +
  "daily, weekly, monthly, agent, model, project and report daily, weekly, monthly and agents take --from.";
const NO_GROUPS =
  "Rows are single things here. Sums that can be grouped: daily, weekly, monthly, agent, model, project.";
const NO_REPORT_GROUPS =
  "A report groups by one thing. Other groupings: moai-metrics daily --group-by agent, or agent --group-by project.";

/** `--tag`. */
export function addTagFlag(command: Command): Command {
  return command.option("--tag <key=value>", "only sessions with this tag", parseTag);
}

/** `--tag`, refused with the reason. */
export function refuseTagFlag(command: Command): Command {
  return command.addOption(command.createOption("--tag <key=value>").argParser(refusal(NO_TAGS)).hideHelp());
}

/** `--from`, refused with the reason. */
export function refuseFromFlag(command: Command): Command {
  return command.addOption(command.createOption("--from <url>").argParser(refusal(LEDGER_ONLY)).hideHelp());
}

/** `--group-by`, refused with the reason. */
export function refuseGroupFlag(command: Command, isReport = false): Command {
  const reason = isReport ? NO_REPORT_GROUPS : NO_GROUPS;
  return command.addOption(command.createOption("--group-by <dimensions>").argParser(refusal(reason)).hideHelp());
}

/** The filter, narrowed to the sessions that the flag means. */
export function withTags(
  store: Pick<Store, "query">,
  { tag }: TagFlags,
  filter: Omit<LedgerFilter, "range">,
): Omit<LedgerFilter, "range"> {
  if (tag === undefined) return filter;
  return { ...filter, sessionIds: store.query.getSessions({ tags: tag }).rows.map(({ sessionId }) => sessionId) };
}

function refusal(reason: string): () => never {
  return () => {
    throw new InvalidArgumentError(reason);
  };
}
