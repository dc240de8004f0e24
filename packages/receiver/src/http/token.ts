/** The receiver's token: a file that only the user can read. */
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Where the token of a storage folder lies. */
export function tokenPath(storage: string): string {
  return join(storage, "receiver-token");
}

/** A token that nobody can guess. */
export function newToken(): string {
  // Loading it takes milliseconds, and every command loads this file.
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  return randomBytes(32).toString("base64url");
}

/**
 * Reads the token; makes one where there is none.
 *
 * @throws Error when others could read the file, or it is empty; else the file system's error.
 */
export function readOrMakeToken(storage: string): string {
  const path = tokenPath(storage);
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, `${newToken()}\n`);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readToken(path);
}

/** Reads the token; undefined where there is none. @throws as {@link readOrMakeToken}. */
export function readTokenOf(storage: string): string | undefined {
  try {
    return readToken(tokenPath(storage));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readToken(path: string): string {
  const file = openSync(path, "r");
  try {
    // Windows has no such bits.
    if (process.platform !== "win32" && (fstatSync(file).mode & 0o077) !== 0) {
      throw new Error(`${path} can be read by others. Run "chmod 600 ${path}", or delete it to get a new token.`);
    }
    const token = readFileSync(file, "utf8").trim();
    if (token.length < 16) throw new Error(`${path} holds no token. Delete it to get a new one.`);
    return token;
  } finally {
    closeSync(file);
  }
}
