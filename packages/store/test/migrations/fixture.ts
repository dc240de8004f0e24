/** The file of schema version 1, the facts it was made from and the answers that its own code gave. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Fact } from "@moai-metrics/model";
import { temporaryFolder } from "../helpers.ts";

const FOLDER = fileURLToPath(new URL("../fixtures", import.meta.url));

export interface Answers {
  readonly total: object[];
  readonly byAll: object[];
  readonly sessions: object[];
  readonly tasks: object[];
  readonly tools: object[];
  readonly span: object;
  readonly skipped: object[];
  readonly transcripts: [string, object][];
  readonly points: { points: { timeUnixNano: string; value: { kind: string; value?: unknown } }[] }[][];
}

/** A copy of the file in a folder of its own. */
export function fileOfVersion1(): string {
  const path = join(temporaryFolder(), "metrics.db");
  copyFileSync(join(FOLDER, "v1.db"), path);
  return path;
}

export function answersOfVersion1(): Answers {
  return readJson("v1-answers.json.gz") as Answers;
}

export function factsOfVersion1(): Fact[] {
  return readJson("v1-facts.json.gz") as Fact[];
}

function readJson(name: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(join(FOLDER, name))).toString());
}

/** As the answers were written down. */
export function asWrittenDown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) => {
      if (typeof each === "bigint") return `${each}n`;
      if (each === Number.POSITIVE_INFINITY) return "Infinity";
      return Object.is(each, -0) ? "-0" : each;
    }),
  );
}
