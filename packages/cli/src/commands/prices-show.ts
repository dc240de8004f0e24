/** `prices show`: which price holds for each model, and which models have none. */
import type { PriceRow } from "@moai-metrics/report";
import type { PriceConfig } from "@moai-metrics/settings";
import type { LedgerReader } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import type { CommonFlags, FormatFlags } from "../flags/declare.ts";
import { answer } from "./answer.ts";

/** Flags of `prices show`. */
export type ShowPricesFlags = CommonFlags & FormatFlags & { readonly date?: string };

/** What the ledger knows of a model. */
interface UsedModel {
  readonly model: string;
  readonly calls: number;
  /** Calls that are stored without a cost. */
  readonly unpricedCalls: number;
}

interface UnpricedModel extends UsedModel {
  /** What to type. */
  readonly command: string;
}

interface Prices {
  /** Day in UTC. */
  readonly date: string;
  readonly rows: readonly PriceRow[];
  readonly unpriced: readonly UnpricedModel[];
  /** Models that have a price now, and calls from before they had one. */
  readonly behind: readonly UsedModel[];
}

const NOON_MILLIS = 12 * 3_600_000;

/** Prints the prices of one model, or of every model in the ledger. */
export async function showPrices(
  context: CliContext,
  model: string | undefined,
  flags: ShowPricesFlags,
): Promise<void> {
  await answer(context, flags, async ({ ledger, screen, config }) => {
    const { priceTable, renderCsv, renderJson, renderTable } = await import("@moai-metrics/report");
    const date = flags.date ?? new Date(context.now()).toISOString().slice(0, 10);
    const prices = await findPrices(usedModels(ledger.store.ledger, model), config.prices, date);
    if (flags.json) {
      const { rows, unpriced, behind } = prices;
      context.write(renderJson({ prices: rows, unpriced, callsToReprice: behind, date }));
      return;
    }
    if (flags.csv) {
      context.write(renderCsv(priceTable(prices.rows)));
      for (const line of await unpricedLines(prices)) context.warn(line);
      return;
    }
    const { palette } = screen;
    const table = prices.rows.length === 0 ? [] : renderTable(priceTable(prices.rows), screen);
    const lines = [
      ...(context.dataLabel === undefined ? [] : [palette.warning(context.dataLabel), ""]),
      ...(await unpricedLines(prices)),
      ...table,
      ...noteLines(prices).map((line) => palette.faint(line)),
    ];
    context.write(`${lines.join("\n")}\n`);
  });
}

/** Every model of the ledger, the most used first, or the named one, used or not. */
function usedModels(ledger: LedgerReader, named: string | undefined): UsedModel[] {
  const used = ledger
    .usage({ by: ["model"] })
    .map(({ model = "", calls, unpricedCalls }) => ({ model, calls, unpricedCalls }))
    .filter(({ model, calls }) => model !== "" && calls > 0);
  if (named === undefined) return used.toSorted((a, b) => b.calls - a.calls || (a.model < b.model ? -1 : 1));
  return [used.find(({ model }) => model === named) ?? { model: named, calls: 0, unpricedCalls: 0 }];
}

async function findPrices(models: readonly UsedModel[], own: readonly PriceConfig[], date: string): Promise<Prices> {
  const [{ createPriceBook }, { priceRows }] = await Promise.all([
    import("@moai-metrics/settings"),
    import("@moai-metrics/report"),
  ]);
  const book = createPriceBook(own);
  // A few prices depend on the hour; those of noon stand for the day.
  const atMillis = Date.parse(`${date}T00:00:00Z`) + NOON_MILLIS;
  const priced = models.map((used) => ({
    used,
    rows: priceRows(used.model, book.lines({ model: used.model, atMillis })),
  }));
  return {
    date,
    rows: priced.flatMap(({ rows }) => rows),
    unpriced: priced
      .filter(({ rows }) => rows.length === 0)
      .map(({ used }) => ({ ...used, command: setCommand(used.model) })),
    behind: priced.filter(({ used, rows }) => rows.length > 0 && used.unpricedCalls > 0).map(({ used }) => used),
  };
}

/** Names come from transcripts: a shell must not read anything in them. */
function setCommand(model: string): string {
  const name = /^[\w.:@/-]+$/.test(model) ? model : `'${model.replaceAll("'", "'\\''")}'`;
  return `moai-metrics prices set ${name} --input USD --output USD`;
}

async function unpricedLines({ unpriced, date }: Prices): Promise<string[]> {
  if (unpriced.length === 0) return [];
  const { formatCount, toPlainText } = await import("@moai-metrics/report");
  return [
    `No price known on ${date}; set one in US dollars per million tokens:`,
    ...unpriced.flatMap(({ model, calls, command }) => [
      `  ${toPlainText(model)}${calls === 0 ? "" : ` (${formatCount(calls)} calls)`}`,
      `    ${toPlainText(command)}`,
    ]),
    "",
  ];
}

function noteLines({ rows, behind, unpriced, date }: Prices): string[] {
  if (rows.length === 0)
    return unpriced.length === 0 ? ["No model was used yet. Name one: moai-metrics prices show MODEL"] : [];
  const calls = behind.reduce((sum, { unpricedCalls }) => sum + unpricedCalls, 0);
  return [
    `US dollars per million tokens on ${date}, one web search in US dollars.`,
    ...(calls === 0 ? [] : [`${calls} stored calls of these have no cost yet: moai-metrics prices reprice --unpriced`]),
  ];
}
