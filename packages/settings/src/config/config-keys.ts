/** The settings one by one, for commands that name them. Loads zod. */
import { z } from "zod";
import { USERS_OWN } from "./block-of-project.ts";
import { checkBlock } from "./check-config.ts";
import type { ConfigLayer } from "./load-config.ts";
import { mergeBlocks } from "./resolve-config.ts";
import { METRICS_SCHEMA, type MetricsBlock } from "./schema.ts";

/** Defaults of settings as files spell them; those that are not here have none. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  storage: ".moai/metrics/",
  "tokens.warn_threshold": 150_000,
  "tokens.warn_counts": "new",
  "quality.test_coverage": false,
  "quality.lint_scores": false,
  "reporting.export_format": "json",
  "retention.detailed_days": 7,
  "retention.hourly_days": 30,
  "retention.daily_days": 90,
  "retention.ledger_days": 400,
  "compression.min_age_days": 7,
  "buffer.max_size": 100,
  "buffer.flush_interval_seconds": 5,
  "receiver.port": 4318,
  "receiver.host": "127.0.0.1",
  "receiver.hosts": [],
  "receiver.requireToken": false,
  "forward.headers": {},
  "forward.temporality": "cumulative",
  "forward.interval_seconds": 60,
  labels: [],
  budgets: [],
  "dashboard.success_rate": [0.9, 0.8],
  "dashboard.p99_seconds": [900, 3_600],
  "dashboard.queue_length": [20, 50],
  "dashboard.queue_age_seconds": [1_800, 7_200],
  "dashboard.silence_seconds": [300, 1_200],
  "dashboard.context_share": [0.7, 0.9],
  "dashboard.busy_share": [0.7, 0.9],
  prices: [],
};

/** Every setting: `enabled`, `session.duration`, …, in the order of the schema. */
export function settingKeys(): string[] {
  return Object.entries(METRICS_SCHEMA.shape).flatMap(([name, schema]) => {
    const inner = schema.unwrap();
    return inner instanceof z.ZodObject ? Object.keys(inner.shape).map((key) => `${name}.${key}`) : [name];
  });
}

/** What a block says of a setting; without a block, the default. */
export function settingValue(key: string, block: MetricsBlock | undefined): unknown {
  if (block === undefined) return key in DEFAULTS ? DEFAULTS[key] : isSwitch(key) ? true : undefined;
  const [first = "", second] = key.split(".");
  const value = (block as Record<string, unknown>)[first];
  return second === undefined ? value : (value as Record<string, unknown> | undefined)?.[second];
}

/** Only the user's own file is asked for the setting; a project's is not. */
export function isUsersOwn(key: string): boolean {
  return USERS_OWN.some((name) => key === name || key.startsWith(`${name}.`));
}

/** Lists to which each file adds. */
const JOINED: readonly string[] = ["budgets", "prices"];

/**
 * What holds of a setting, and the files that said it. Undefined where none of them says anything.
 *
 * @param layers the stronger first
 */
export function saidOf(
  key: string,
  layers: readonly ConfigLayer[],
): { readonly value: unknown; readonly paths: readonly string[] } | undefined {
  const saying = layers.filter(
    ({ origin, block }) => settingValue(key, block) !== undefined && (origin !== "project" || !isUsersOwn(key)),
  );
  const holding = JOINED.includes(key) ? saying : saying.slice(0, 1);
  if (holding.length === 0) return undefined;
  const block = holding.map((layer) => layer.block).reduce(mergeBlocks);
  return { value: settingValue(key, block), paths: holding.map(({ path }) => path) };
}

/** What a setting does, in one sentence. */
export function settingEffect(key: string): string {
  const [first = "", second] = key.split(".");
  const outer = (METRICS_SCHEMA.shape as Record<string, z.ZodOptional<z.ZodType>>)[first];
  const block = outer?.unwrap();
  const schema: unknown = second === undefined ? outer : block instanceof z.ZodObject ? block.shape[second] : undefined;
  return schema instanceof z.ZodType ? (schema.description ?? "") : "";
}

/** Switches are on unless said otherwise. */
function isSwitch(key: string): boolean {
  return schemaOf(key) instanceof z.ZodBoolean;
}

/** What the command line says of a setting, as a file would spell it: `true`, `12`, `[…]`, or a text. */
export function parseSetting(key: string, text: string): unknown {
  if (schemaOf(key) instanceof z.ZodString) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function schemaOf(key: string): z.ZodType | undefined {
  const [first = "", second] = key.split(".");
  const outer = (METRICS_SCHEMA.shape as Record<string, z.ZodOptional<z.ZodType>>)[first]?.unwrap();
  if (second === undefined) return outer;
  return outer instanceof z.ZodObject ? (outer.shape[second] as z.ZodOptional<z.ZodType>).unwrap() : undefined;
}

export { checkBlock };
