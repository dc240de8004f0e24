/** `db`: looks after the file itself. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addJsonFlag, type CommonFlags, type FormatFlags } from "../flags/declare.ts";

/** Flags of every `db` command. */
export type DbFlags = Pick<CommonFlags, "storage"> & Pick<FormatFlags, "json">;

/** Adds the command and its subcommands. */
export function addDbCommand(program: Command, context: CliContext): void {
  const db = program
    .command("db")
    .description("the file itself: stats, check, backup, merge, vacuum, rebuild, salvage");
  add(db, "stats", "size, rows and oldest day of everything").action(async (flags: DbFlags) => {
    const { showStats } = await import("./db-stats.ts");
    await showStats(context, flags);
  });
  add(db, "check", "prove that the file is whole and that rollups equal the ledger; exit code 3 if not").action(
    async (flags: DbFlags) => {
      const { checkFile } = await import("./db-check.ts");
      await checkFile(context, flags);
    },
  );
  add(db, "backup [file]", "write a checked copy, also while others write").action(
    async (file: string | undefined, flags: DbFlags) => {
      const { backUpFile } = await import("./db-backup.ts");
      await backUpFile(context, file, flags);
    },
  );
  add(db, "merge <file>", "take over what the store of another machine holds; twice is as once").action(
    async (file: string, flags: DbFlags) => {
      const { mergeFile } = await import("./db-merge.ts");
      await mergeFile(context, file, flags);
    },
  );
  add(db, "vacuum", "clean up now and give all free room back to the disk").action(async (flags: DbFlags) => {
    const { vacuumFile } = await import("./db-vacuum.ts");
    await vacuumFile(context, flags);
  });
  add(db, "rebuild", "make the rollups anew from the ledger").action(async (flags: DbFlags) => {
    const { rebuildFile } = await import("./db-rebuild.ts");
    await rebuildFile(context, flags);
  });
  add(db, "salvage", "move a damaged file aside and save what can be read of it").action(async (flags: DbFlags) => {
    const { salvageFile } = await import("./db-salvage.ts");
    await salvageFile(context, flags);
  });
}

function add(db: Command, name: string, description: string): Command {
  const command = db.command(name).description(description);
  return addJsonFlag(command).option("--storage <folder>", "folder of the store (default: the user's data folder)");
}
