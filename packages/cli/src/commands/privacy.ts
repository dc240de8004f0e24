/** `privacy`: what is stored, for how long and where, what never is, and how to delete it. */
import type { StoredTable } from "@moai-metrics/store";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addJsonFlag, type CommonFlags, type FormatFlags } from "../flags/declare.ts";

type Flags = Pick<CommonFlags, "storage" | "config"> & Pick<FormatFlags, "json">;

/** Adds the command. */
export function addPrivacyCommand(program: Command, context: CliContext): void {
  const command = program
    .command("privacy")
    .description("every field that is stored, what never is, and how to delete it")
    .option("--storage <folder>", "folder of the store (default: the user's data folder)")
    .option("--config <file>", "take the settings from this file instead of the project's");
  addJsonFlag(command).action((flags: Flags) => showPrivacy(context, flags));
}

async function showPrivacy(context: CliContext, flags: Flags): Promise<void> {
  const [{ privacyDocument, privacyLines }, { storedFiles }, { renderJson }, { resolveStorageFolder }] =
    await Promise.all([
      import("../output/privacy-account.ts"),
      import("../ledger/stored-files.ts"),
      import("@moai-metrics/report"),
      import("@moai-metrics/settings"),
    ]);
  const { config } = await context.loadConfig(flags);
  const folder = resolveStorageFolder({ storage: flags.storage, environment: context.environment.variables });
  const account = {
    folder,
    files: storedFiles(folder),
    tables: await readTables(context, flags),
    retention: config.retention,
    sending: config,
  };
  if (flags.json) context.write(renderJson(privacyDocument(account)));
  else context.write(`${privacyLines(account, context.environment.columns).join("\n")}\n`);
}

/** Of the store as it is; where there is none yet, of one as it would be. */
async function readTables(context: CliContext, flags: Flags): Promise<StoredTable[]> {
  const [{ existsSync }, { storePath, withStoreHere }] = await Promise.all([
    import("node:fs"),
    import("../ledger/open-store-here.ts"),
  ]);
  if (existsSync(await storePath(context, flags))) return withStoreHere(context, flags, (store) => store.contents());
  const { withTemporaryLedger } = await import("../ledger/temporary-ledger.ts");
  let tables: StoredTable[] = [];
  await withTemporaryLedger(
    () => {},
    async ({ store }) => {
      tables = store.contents();
    },
  );
  return tables;
}
