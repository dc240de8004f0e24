/** What would be written, as a person reads it. Pure. */
import { lineDiff } from "./line-diff.ts";
import type { FilePlan } from "./plan-files.ts";
import type { Wish } from "./plan-settings.ts";
import type { ServiceCommand } from "./service/service.ts";

/** A file before and after. */
export interface ShownChange {
  readonly path: string;
  readonly target: string;
  readonly shownAs?: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly mode: number | undefined;
}

/** The lines of a file's difference.  */
export function changeLines({ path, target, shownAs, before, after, mode }: ShownChange): string[] {
  const modes = mode === undefined ? "" : ` (mode ${mode.toString(8).padStart(4, "0")})`;
  return [
    `--- ${before === undefined ? "no file" : path}`,
    `+++ ${after === undefined ? "no file" : path}${after === undefined ? "" : modes}`,
    ...(target === path ? [] : [`    a link to ${target}`]),
    ...(shownAs === undefined ? lineDiff(before ?? "", after ?? "") : [`    ${shownAs}`]),
    "",
  ];
}

/** What is left as it is, and why. */
export function leftAloneLines({ path, problem, kept, impossible }: FilePlan): string[] {
  return [
    ...(problem === undefined ? [] : [`${path} is left alone: ${problem}.`]),
    ...kept.map(({ path: key, value }) => `${path}: ${key.join(".")} is ${shortValue(value)} there and stays so.`),
    ...[...new Set(impossible.map(nameOf))].map((name) => `${path}: ${name} cannot be added to what stands there.`),
  ];
}

/** How a wish is called. */
export function nameOf(wish: Wish): string {
  return wish.kind === "hook" ? `hooks.${wish.event}` : wish.path.join(".");
}

/** A command as it is typed. */
export function commandText(command: ServiceCommand): string {
  return command.map((part) => (/^[\w./@:=-]+$/.test(part) ? part : `'${part.replaceAll("'", "'\\''")}'`)).join(" ");
}

const MAX_VALUE_LENGTH = 40;

function shortValue(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}
