import { totalTokens } from "@moai-metrics/model";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { NOON } from "./helpers.ts";
import { fillStore } from "./query/store-with-facts.ts";
import { AGENTS, PRODUCTS, PROJECTS } from "./query/true-facts.ts";

const DAY = 86_400_000;
const { path, query } = fillStore(NOON - 3 * DAY, NOON, 2_000, 11);

it("finds the sessions and tasks whose tokens reach the threshold, and no others", () => {
  using store = openStore({ path, readOnly: true });
  const oneOf = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 * DAY }),
      fc.integer({ min: 0, max: 4_000_000 }),
      fc.constantFrom("new" as const, "total" as const),
      oneOf(PRODUCTS),
      oneOf(PROJECTS),
      oneOf(AGENTS),
      (back, atLeast, counts, product, project, agent) => {
        const range = { startMillis: NOON - back, endMillis: NOON - Math.floor(back / 2) };
        const filter = {
          products: product === undefined ? undefined : [product],
          projects: project === undefined ? undefined : [project],
          agents: agent === undefined ? undefined : [agent],
        };
        const tokensOf = ({ tokens }: { readonly tokens: Parameters<typeof totalTokens>[0] }): number =>
          totalTokens(tokens) - (counts === "new" ? tokens.cacheRead : 0);
        const { agents: _none, ...ofSessions } = filter;
        const sessions = query
          .getSessions(ofSessions)
          .rows.filter((row) => row.startedAtMillis < range.endMillis && row.endedAtMillis >= range.startMillis);
        const tasks = query.getTasks({ ...filter, range }).rows;
        const expected = [
          ...(agent === undefined
            ? sessions.map((row) => `session ${row.product} ${row.sessionId} ${tokensOf(row)}`)
            : []),
          ...tasks.map((row) => `task ${row.product} ${row.taskId} ${tokensOf(row)}`),
        ].filter((text) => Number(text.slice(text.lastIndexOf(" "))) >= atLeast);
        const found = store.ledger.tokenPeaks({ ...filter, range, counts, atLeast });
        expect(
          found.map((peak) => `${peak.kind} ${peak.product} ${peak.taskId || peak.sessionId} ${peak.tokens}`).sort(),
        ).toEqual(expected.sort());
        const order = found.map(({ tokens }) => tokens);
        expect(order).toEqual(order.toSorted((a, b) => b - a));
      },
    ),
    { numRuns: 60 },
  );
});
