/** The memory of what was told, as a file. */
import { readFileSync } from "node:fs";
import { replaceFile } from "../replace-file.ts";
import type { Told } from "./plan-told.ts";

/** Reads it; a file that is not there or cannot be read is an empty memory, and everything is told again. */
export function readTold(path: string): Told {
  try {
    const { told } = JSON.parse(readFileSync(path, "utf8")) as { readonly told?: Told };
    return Object.fromEntries(Object.entries(told ?? {}).filter(([, entry]) => typeof entry?.atMillis === "number"));
  } catch {
    return {};
  }
}

/** @throws the system's error when it cannot be written. */
export function writeTold(path: string, told: Told): void {
  replaceFile(path, `${JSON.stringify({ told })}\n`);
}
