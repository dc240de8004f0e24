/** Decides how a settings file changes, so that what is the user's stays as it is. Pure. */
import { isDeepStrictEqual } from "node:util";
import { type FormatName, SETTINGS_FORMATS, type SettingPath, type SettingsFormat } from "./edit/settings-format.ts";
import type { EditedText, TextEdit } from "./edit/text-edits.ts";

/** A hook as Claude Code's settings spell it. */
export type Hook =
  | {
      readonly type: "command";
      readonly command: string;
      readonly async?: true;
      readonly timeout: number;
    }
  | {
      readonly type: "http";
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly timeout: number;
    };

/** Something that a settings file shall say: a value, or one more hook of an event. */
export type Wish =
  | { readonly kind: "value"; readonly path: readonly string[]; readonly value: unknown }
  | { readonly kind: "hook"; readonly event: string; readonly hook: Hook };

/** What we have written into a file so far: how we recognize it again. */
export interface Written {
  readonly wishes: readonly Wish[];
  /** Objects and lists that were made for it. */
  readonly made: readonly SettingPath[];
}

/** A value of the user's that stands where ours should. */
export interface KeptValue {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** How a file changes. */
export interface SettingsPlan {
  readonly text: string;
  readonly edits: readonly TextEdit[];
  readonly written: Written;
  readonly kept: readonly KeptValue[];
  /** Wishes that the way in which the file is written does not allow. */
  readonly impossible: readonly Wish[];
}

export const NOTHING_WRITTEN: Written = { wishes: [], made: [] };

/**
 * Plans the wishes into a text. What stands there already is left alone, whoever wrote it; what we wrote and no longer
 * want is taken out; a value of the user's is never replaced.
 *
 * @param text a text without a problem of its format.
 */
export function planSettings(
  text: string,
  name: FormatName,
  wishes: readonly Wish[],
  earlier: Written = NOTHING_WRITTEN,
): SettingsPlan {
  const format = SETTINGS_FORMATS[name];
  const obsolete = earlier.wishes.filter((old) => !wishes.some((wish) => isDeepStrictEqual(wish, old)));
  const removal = removeWishes({ text, edits: [] }, format, obsolete, wishes);
  let current = removal.current;
  const written: Wish[] = [...earlier.wishes.filter((old) => !obsolete.includes(old)), ...removal.replaced];
  const made: SettingPath[] = [...earlier.made];
  const kept: KeptValue[] = [];
  const impossible: Wish[] = [];
  for (const wish of wishes) {
    const state = stateOf(current.text, format, wish);
    if (state === "there") continue;
    if (state === "other") {
      if (wish.kind === "value") kept.push({ path: wish.path, value: format.at(current.text, wish.path) });
      else impossible.push(wish);
      continue;
    }
    const path = pathOf(wish);
    const missing = parentsOf(path, wish.kind === "hook").filter((parent) => isMissing(current.text, format, parent));
    const changed = addWish(current, format, wish);
    if (changed === undefined) {
      impossible.push(wish);
      continue;
    }
    current = changed;
    if (!written.some((old) => isDeepStrictEqual(old, wish))) written.push(wish);
    made.push(...missing.filter((parent) => !made.some((known) => isDeepStrictEqual(known, parent))));
  }
  current = removeEmptied(current, format, made);
  const still = made.filter((path) => !isMissing(current.text, format, path));
  return { ...current, written: { wishes: written, made: still }, kept, impossible };
}

/** How everything that we wrote leaves a file that was changed since. */
export interface RemovalPlan {
  readonly text: string;
  /** What the user has changed since, and keeps. */
  readonly left: readonly Wish[];
}

/** Plans our values out of a text, and the objects and lists made for them where nothing else is in them. */
export function planRemoval(text: string, name: FormatName, { wishes, made }: Written): RemovalPlan {
  const format = SETTINGS_FORMATS[name];
  const { current, left } = removeWishes({ text, edits: [] }, format, wishes, []);
  return { text: removeEmptied(current, format, made).text, left };
}

/** Takes away what was made and is empty now, the inner first. */
function removeEmptied(start: EditedText, format: SettingsFormat, made: readonly SettingPath[]): EditedText {
  return made
    .toSorted((a, b) => b.length - a.length)
    .reduce((now, path) => (isEmpty(format.at(now.text, path)) ? (format.remove(now, path) ?? now) : now), start);
}

function removeWishes(
  start: EditedText,
  format: SettingsFormat,
  wishes: readonly Wish[],
  wanted: readonly Wish[],
): { readonly current: EditedText; readonly left: readonly Wish[]; readonly replaced: readonly Wish[] } {
  let current = start;
  const left: Wish[] = [];
  const replaced: Wish[] = [];
  for (const wish of wishes) {
    if (wish.kind === "hook") {
      // What the same command is still wanted for in other words is ours, whatever the user made of it.
      current = removeHook(current, format, wish.event, wish.hook);
      continue;
    }
    const value = format.at(current.text, wish.path);
    if (value === undefined) continue;
    // A value that stays wanted is replaced where it stands.
    const successor = wanted.find((other) => other.kind === "value" && isDeepStrictEqual(other.path, wish.path));
    const changed = isDeepStrictEqual(value, wish.value)
      ? successor?.kind === "value"
        ? format.set(current, wish.path, successor.value)
        : format.remove(current, wish.path)
      : undefined;
    if (changed === undefined) left.push(wish);
    else {
      current = changed;
      if (successor !== undefined) replaced.push(successor);
    }
  }
  return { current, left, replaced };
}

/** Agents write their settings anew and drop what they do not know, so a hook is known by what it calls. */
function removeHook(start: EditedText, format: SettingsFormat, event: string, hook: Hook): EditedText {
  let current = start;
  for (let found = findHook(current.text, format, event, hook); found !== undefined; ) {
    const { group, index, isAlone } = found;
    const path = isAlone ? ["hooks", event, group] : ["hooks", event, group, "hooks", index];
    const changed = format.remove(current, path);
    if (changed === undefined || changed.text === current.text) return current;
    current = changed;
    found = findHook(current.text, format, event, hook);
  }
  return current;
}

function findHook(
  text: string,
  format: SettingsFormat,
  event: string,
  hook: Hook,
): { readonly group: number; readonly index: number; readonly isAlone: boolean } | undefined {
  const groups = format.at(text, ["hooks", event]);
  if (!Array.isArray(groups)) return undefined;
  for (const [group, given] of groups.entries()) {
    const hooks: unknown = (given as { readonly hooks?: unknown } | null)?.hooks;
    if (!Array.isArray(hooks)) continue;
    const index = hooks.findIndex((each) => isSameHook(each, hook));
    if (index >= 0) return { group, index, isAlone: hooks.length === 1 };
  }
  return undefined;
}

/** What a person wrote there may be anything. */
function isSameHook(given: unknown, hook: Hook): boolean {
  const { url, command } = (given ?? {}) as Readonly<Record<string, unknown>>;
  return hook.type === "http" ? url === hook.url : command === hook.command;
}

/** Whether a text says what is wished, in whichever words. */
export function saysWish(text: string, name: FormatName, wish: Wish): boolean {
  return stateOf(text, SETTINGS_FORMATS[name], wish) === "there";
}

function stateOf(text: string, format: SettingsFormat, wish: Wish): "there" | "missing" | "other" {
  if (wish.kind === "hook") {
    if (findHook(text, format, wish.event, wish.hook) !== undefined) return "there";
    const groups = format.at(text, ["hooks", wish.event]);
    return groups === undefined || Array.isArray(groups) ? "missing" : "other";
  }
  const value = format.at(text, wish.path);
  if (value === undefined) return "missing";
  return isDeepStrictEqual(value, wish.value) ? "there" : "other";
}

function addWish(current: EditedText, format: SettingsFormat, wish: Wish): EditedText | undefined {
  return wish.kind === "hook"
    ? format.append(current, ["hooks", wish.event], { hooks: [wish.hook] })
    : format.set(current, wish.path, wish.value);
}

function pathOf(wish: Wish): readonly string[] {
  return wish.kind === "hook" ? ["hooks", wish.event] : wish.path;
}

/** The outer first. A list of hooks is made like the objects above it. */
function parentsOf(path: readonly string[], withItself: boolean): string[][] {
  const length = path.length - (withItself ? 0 : 1);
  return Array.from({ length }, (_, i) => path.slice(0, i + 1));
}

function isMissing(text: string, format: SettingsFormat, path: SettingPath): boolean {
  return format.at(text, path) === undefined;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
