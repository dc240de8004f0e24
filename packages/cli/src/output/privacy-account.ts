/** What the command `privacy` says. */
import { toPlainText, wrapToWidth } from "@moai-metrics/report";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { Keeping, StoredTable } from "@moai-metrics/store";
import type { StoredFile } from "../ledger/stored-files.ts";
import { formatBytes } from "./bytes.ts";

/** What is told. */
export interface PrivacyAccount {
  /** Where the store lies, or would lie. */
  readonly folder: string;
  readonly files: readonly StoredFile[];
  readonly tables: readonly StoredTable[];
  readonly retention: MetricsConfig["retention"];
  /** Where the user's own file says that something is sent. */
  readonly sending: Pick<MetricsConfig, "alerts" | "forward">;
}

const NEVER_STORED = [
  "prompts, replies, reasoning",
  "arguments and results of tools, commands and their output",
  "contents of files, and paths of changed files (only hashes of them)",
  "messages of errors (only their class or code)",
  "command lines, environment variables, passwords, keys",
];

/** Things that are stored because someone put them into a name. */
const AS_GIVEN =
  "Names are stored as they were given: folders of projects, git branches, agents, tools, models, labels of sessions, and the " +
  "attributes that an application puts on its own metrics. Keep secrets out of names.";

const UNKNOWN = "not known to this version: upgrade moai-metrics";

/** Ways to keep things out, and to get rid of them. */
function waysToDelete(folder: string): string[] {
  return [
    `everything: delete the folder ${toPlainText(folder)}`,
    "reports of a project: delete the folder of its metrics.storage",
    "keep for a shorter time: moai-metrics config set retention.ledger_days 30 --user; what is older goes with the " +
      "clean-up of one of the next days",
    "collect less: switch off session.tools_used, session.files_modified, tasks.enabled, agents.enabled or " +
      "token_tracking.enabled (moai-metrics config set … --user)",
    "collect nothing: MOAI_METRICS_DISABLED=1, or moai-metrics config set enabled false --user",
  ];
}

/** What leaves the machine: of an address the host alone, because the rest may be a key. */
function network({ alerts, forward }: PrivacyAccount["sending"]): string {
  const sent = [
    ...(alerts.webhook === undefined ? [] : [`serve posts alerts to ${hostOf(alerts.webhook)} (alerts.webhook)`]),
    ...(forward.url === undefined ? [] : [`serve pushes metrics to ${hostOf(forward.url)} (forward.url)`]),
  ];
  return sent.length === 0 ? "nothing is sent anywhere" : `${sent.join(", ")}; nothing else is sent anywhere`;
}

function hostOf(address: string): string {
  return toPlainText(new URL(address).host);
}

/** How long something is kept, by the settings that hold here. */
function keptFor(keeping: Keeping | undefined, { ledgerDays, dailyDays }: PrivacyAccount["retention"]): string {
  if (keeping === "ledger") return `${ledgerDays} days`;
  if (keeping === "series") return `${dailyDays} days`;
  return keeping === "file" ? "as long as the file" : UNKNOWN;
}

/** The JSON document. */
export function privacyDocument(account: PrivacyAccount): unknown {
  const { folder, files, tables, retention, sending } = account;
  return {
    privacy: {
      storage: folder,
      files: files.map(({ path, bytes, holds }) => ({ path, bytes, holds: holds ?? null })),
      tables: tables.map(({ name, holds, keeping, fields }) => ({
        table: name,
        holds: holds ?? null,
        kept: keptFor(keeping, retention),
        fields: fields.map((field) => ({ field: field.name, holds: field.holds ?? null })),
      })),
      neverStored: NEVER_STORED,
      asGiven: AS_GIVEN,
      network: network(sending),
      toDelete: waysToDelete(folder),
    },
  };
}

/** The account for people. */
export function privacyLines(account: PrivacyAccount, columns: number): string[] {
  const { folder, files, tables, retention, sending } = account;
  const wrapped = (text: string, indent: string): string[] =>
    wrapToWidth(text, columns - indent.length).map((line) => indent + line);
  const listed = (text: string): string[] =>
    wrapToWidth(text, columns - 4).map((line, i) => (i === 0 ? "  - " : "    ") + line);
  return [
    ...wrapped(`Stored in ${toPlainText(folder)}, readable by you alone; ${network(sending)}.`, ""),
    ...(files.length === 0 ? ["  Nothing yet."] : []),
    ...files.flatMap(({ path, bytes, holds }) =>
      listed(`${toPlainText(path.slice(folder.length + 1))} (${formatBytes(bytes)}): ${holds ?? "not ours"}`),
    ),
    "",
    "Never stored:",
    ...NEVER_STORED.flatMap(listed),
    ...wrapped(AS_GIVEN, ""),
    "",
    "Every field of metrics.db:",
    ...tables.flatMap(({ name, holds, keeping, fields }) => [
      "",
      ...wrapped(`${toPlainText(name)}: ${holds ?? UNKNOWN}; kept ${keptFor(keeping, retention)}`, ""),
      ...fieldLines(fields, columns),
    ]),
    "",
    "To delete it:",
    ...waysToDelete(folder).flatMap(listed),
  ];
}

const FIELD_WIDTH = 24;

function fieldLines(fields: StoredTable["fields"], columns: number): string[] {
  return fields.flatMap(({ name, holds }) =>
    wrapToWidth(holds ?? UNKNOWN, columns - FIELD_WIDTH - 2).map(
      (line, i) => `  ${(i === 0 ? toPlainText(name) : "").padEnd(FIELD_WIDTH)}${line}`,
    ),
  );
}
