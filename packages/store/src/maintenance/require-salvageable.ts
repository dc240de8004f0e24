/** What a salvage leaves alone: files that are whole, and not for us. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { isReadable, isWritable } from "../file-system.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "../migrations/index.ts";

/** No version is this far ahead: a greater number was written by what damaged the file. */
const MAX_VERSIONS_AHEAD = 1_000;

/**
 * Makes sure that moving the file aside can help.
 * @throws StoreError `cannot_open` when it is no file or may not be read, `read_only`, `newer_version`, `not_our_file`.
 */
export function requireSalvageable(path: string): void {
  if (!statSync(path).isFile()) {
    throw new StoreError("cannot_open", `${path} is not a file. Nothing was changed. Move it away to record again.`);
  }
  if (!isReadable(path)) {
    throw new StoreError(
      "cannot_open",
      `${path} cannot be read. Nothing was changed. Check the permissions of the file.`,
    );
  }
  if (!isWritable(dirname(path))) {
    throw new StoreError("read_only", `${dirname(path)} cannot be written. Check the permissions of the folder.`);
  }
  const { applicationId, version, tables } = readMarks(path);
  const isOurs = applicationId === APPLICATION_ID;
  if (isOurs && version > SCHEMA_VERSION && version <= SCHEMA_VERSION + MAX_VERSIONS_AHEAD) {
    throw new StoreError(
      "newer_version",
      `${path} belongs to a newer moai-metrics (schema ${version}; this one knows ${SCHEMA_VERSION}). ` +
        "Nothing was changed. Upgrade moai-metrics, and salvage it with that.",
    );
  }
  // Our own file with a damaged mark still has its tables.
  if (!isOurs && tables.length > 0 && !tables.includes("model_call")) {
    throw new StoreError(
      "not_our_file",
      `${path} is an SQLite database of another program. Nothing was changed. Choose another folder with --storage.`,
    );
  }
}

interface Marks {
  readonly applicationId: number;
  readonly version: number;
  readonly tables: readonly string[];
}

/** Nothing where the file is too damaged to tell. */
function readMarks(path: string): Marks {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    return {
      applicationId: database.pragma("application_id", { simple: true }) as number,
      version: database.pragma("user_version", { simple: true }) as number,
      tables: database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(),
    };
  } catch {
    return { applicationId: 0, version: 0, tables: [] };
  } finally {
    database?.close();
  }
}
