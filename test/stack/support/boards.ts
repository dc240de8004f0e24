/** The queries of the boards in the repository, as Grafana would send them. */
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../../grafana/dashboards/", import.meta.url);

/** One query of a panel. */
export interface BoardQuery {
  readonly board: string;
  readonly panel: string;
  readonly refId: string;
  /** With Grafana's variables in it. */
  readonly expression: string;
  readonly isInstant: boolean;
  /** Compares a period with the one before. */
  readonly isChange: boolean;
  /** Steps of a query over time, where the panel fixes them. */
  readonly step: string | undefined;
}

interface Target {
  readonly refId: string;
  readonly expr?: string;
  readonly url?: string;
  readonly instant?: boolean;
  readonly interval?: string;
}

/** A panel as it lies in the file. */
interface BoardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: readonly Target[];
}

/** A board as it lies in the file. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly BoardPanel[];
  readonly links: readonly {
    readonly tags: readonly string[];
    readonly includeVars: boolean;
    readonly keepTime: boolean;
  }[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

/** Every board by its name. */
export function readBoards(): ReadonlyMap<string, Board> {
  return new Map(
    readdirSync(FOLDER).map((name) => [
      name.replace(/\.json$/, ""),
      JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Board,
    ]),
  );
}

/** What grew before the period. */
const BEFORE = /offset \$\{period\}h\) - min_over_time/;

/** Every query to Prometheus. */
export function boardQueries(): readonly BoardQuery[] {
  return [...readBoards()].flatMap(([board, { panels }]) =>
    panels.flatMap(({ title: panel, targets }) =>
      targets.flatMap(({ refId, expr: expression, instant, interval: step }) =>
        expression === undefined
          ? []
          : [
              {
                ...{ board, panel, refId, expression, step },
                isInstant: instant === true,
                isChange: BEFORE.test(expression),
              },
            ],
      ),
    ),
  );
}

/** What stands for the variables: everything is chosen. */
export interface Choice {
  /** With its unit. */
  readonly period: string;
  readonly rateInterval: string;
}

/** The expression with its variables replaced. */
export function chosen(expression: string, { period, rateInterval }: Choice): string {
  const replaced = expression
    .replaceAll(/\$\{period\}h/g, period)
    .replaceAll("$__rate_interval", rateInterval)
    .replaceAll(/\$(?:product|project|agent|model)\b/g, ".*")
    // A number of hours, where it is no length of time.
    .replaceAll("$period", "24");
  if (/\$\{?\w/.test(replaced)) throw new Error(`A variable is left in ${replaced}.`);
  return replaced;
}
