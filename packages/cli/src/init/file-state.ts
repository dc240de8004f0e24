/** A file as it is on the disk. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What a path leads to. */
export interface FileState {
  /** The file itself, where the path is a link to it. */
  readonly target: string;
  /** Undefined when there is no file. */
  readonly text: string | undefined;
  /** Undefined when there is no file. */
  readonly mode: number | undefined;
  /** Why it cannot be read, where there is one. */
  readonly problem?: string | undefined;
}

/** Reads a file through links. Never throws. */
export function readFileState(path: string): FileState {
  try {
    const target = realpathSync(path);
    const content = readFileSync(target);
    const state = { target, mode: statSync(target).mode & 0o777 };
    if (!isUtf8(content)) return { ...state, text: undefined, problem: "it is not UTF-8" };
    return { ...state, text: content.toString("utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const nothing = { target: endOfLink(path), text: undefined, mode: undefined };
    return code === "ENOENT" ? nothing : { ...nothing, problem: `it cannot be read (${code})` };
  }
}

/** Where a link leads that leads to nothing yet. */
function endOfLink(path: string): string {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return path;
  }
}

/** By which a content is recognized again. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
