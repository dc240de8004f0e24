/** `config get`, `config list`: what holds, and who said it. */
import { renderJson, toPlainText } from "@moai-metrics/report";
import { type ConfigLayer, nearestName } from "@moai-metrics/settings";
import { saidOf, settingKeys, settingValue } from "@moai-metrics/settings/config-keys";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { ConfigFlags } from "./config.ts";

interface Setting {
  readonly key: string;
  /** Undefined: nothing is said, and there is no default value. */
  readonly value: unknown;
  /** A file, several of them where a list is joined, or `default`. */
  readonly origin: string;
}

/** Prints one setting. */
export async function showSetting(context: CliContext, key: string, flags: ConfigFlags): Promise<void> {
  const { layers } = await context.loadConfig(flags);
  const name = requireKey(key);
  const setting = settingOf(name, layers);
  context.write(flags.json ? renderJson({ config: { [name]: setting } }) : `${textOf(setting.value)}\n`);
}

/** Prints every setting. */
export async function listSettings(context: CliContext, flags: ConfigFlags): Promise<void> {
  const { layers } = await context.loadConfig(flags);
  const settings = settingKeys().map((key) => settingOf(key, layers));
  if (flags.json) {
    context.write(renderJson({ config: Object.fromEntries(settings.map(({ key, ...rest }) => [key, rest])) }));
    return;
  }
  const width = Math.max(...settings.map(({ key }) => key.length));
  const lines = settings.map(({ key, value, origin }) => `${key.padEnd(width)}  ${textOf(value)}  (${origin})`);
  context.write(`${lines.join("\n")}\n`);
}

/**
 * The full name of a setting, with or without `metrics.` before it.
 * @throws UsageError with the name that could have been meant.
 */
export function requireKey(given: string): string {
  const key = given.replace(/^metrics\./, "");
  const known = settingKeys();
  if (known.includes(key)) return key;
  const nearest = nearestName(key, known);
  const advice = nearest === undefined ? 'See "moai-metrics config list".' : `Do you mean ${nearest}?`;
  throw new UsageError(`${toPlainText(given)} is not a setting. ${advice}`);
}

function settingOf(key: string, layers: readonly ConfigLayer[]): Setting {
  const said = saidOf(key, layers);
  if (said === undefined) return { key, value: settingValue(key, undefined), origin: "default" };
  return { key, value: said.value, origin: said.paths.join(", ") };
}

function textOf(value: unknown): string {
  if (value === undefined) return "not set";
  return toPlainText(typeof value === "string" ? value : JSON.stringify(value));
}
