/** The two ways in which agents write their settings, behind one face. */
import { appendJson, jsonAt, jsonProblem, removeJson, setJson } from "./json-text.ts";
import type { EditedText } from "./text-edits.ts";
import { addToml, removeEmptyTomlTable, removeToml, tomlAt, tomlProblem } from "./toml-text.ts";

/** Where a value lies; in TOML a table and a key. */
export type SettingPath = readonly (string | number)[];

/** A kind of settings file. */
export interface SettingsFormat {
  /** What a new file begins with. */
  readonly emptyText: string;
  /** Why a text cannot be changed; undefined when it can. */
  problem(text: string): string | undefined;
  at(text: string, path: SettingPath): unknown;
  /** Undefined when the file is written in a way that does not allow it. */
  set(current: EditedText, path: SettingPath, value: unknown): EditedText | undefined;
  append(current: EditedText, path: SettingPath, item: unknown): EditedText | undefined;
  remove(current: EditedText, path: SettingPath): EditedText | undefined;
}

const JSON_FORMAT: SettingsFormat = {
  emptyText: "{}\n",
  problem: jsonProblem,
  at: jsonAt,
  set: attempt(setJson),
  append: attempt(appendJson),
  remove: removeJson,
};

const TOML_FORMAT: SettingsFormat = {
  emptyText: "",
  problem: tomlProblem,
  at: (text, path) => tomlAt(text, ...path.map(String)),
  set: (current, [table, key], value) => {
    const cleared = removeToml(current, String(table), String(key));
    return cleared === undefined ? undefined : addToml(cleared, String(table), String(key), value);
  },
  append: () => undefined,
  remove: (current, [table, key]) =>
    key === undefined ? removeEmptyTomlTable(current, String(table)) : removeToml(current, String(table), String(key)),
};

/** By the names that the journal uses. */
export const SETTINGS_FORMATS = { json: JSON_FORMAT, toml: TOML_FORMAT } as const;
export type FormatName = keyof typeof SETTINGS_FORMATS;

/** Something on the way that is no object is a file that cannot be changed, not a mistake of ours. */
function attempt(
  change: (current: EditedText, path: SettingPath, value: unknown) => EditedText,
): (current: EditedText, path: SettingPath, value: unknown) => EditedText | undefined {
  return (current, path, value) => {
    try {
      return change(current, path, value);
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  };
}
