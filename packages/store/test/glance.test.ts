import { totalTokens } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { type GlanceSince, glanceAtStore } from "../src/glance/glance.ts";
import { call, NOON, session, temporaryFolder, temporaryStore } from "./helpers.ts";
import { fillStore } from "./query/store-with-facts.ts";
import { PRODUCTS, PROJECTS, SESSIONS } from "./query/true-facts.ts";

const DAY = 86_400_000;
const { path, query } = fillStore(NOON - 3 * DAY, NOON, 3_000);

function glanceOf(since: readonly GlanceSince[], sessionId?: string, product = "claude-code") {
  return glanceAtStore({ path, product, sessionId, since });
}

describe("glanceAtStore", () => {
  it.each([
    ["everything since a moment", { startMillis: NOON - DAY - 1_234_567 }],
    ["everything there is", { startMillis: 0 }],
    ["a product", { startMillis: NOON - DAY, product: PRODUCTS[1] }],
    ["a project by its path", { startMillis: NOON - DAY, project: PROJECTS[0] }],
    ["projects in a folder", { startMillis: NOON - DAY, project: "/home" }],
    ["a project by its name", { startMillis: NOON - DAY, project: PROJECTS[2], product: PRODUCTS[0] }],
    ["a project that is nowhere", { startMillis: NOON - DAY, project: "/hom" }],
  ])("adds up the calls of %s as the query does", (_, since: GlanceSince) => {
    const { startMillis, product, project } = since;
    const isIn = (name: string): boolean =>
      project !== undefined && (name === project || name.startsWith(`${project}/`) || name.endsWith(`/${project}`));
    const expected = query.summary({
      range: { startMillis, endMillis: NOON + DAY },
      products: product === undefined ? undefined : [product],
      projects: project === undefined ? undefined : PROJECTS.filter(isIn),
    });
    expect(glanceOf([since])?.since).toEqual([
      {
        tokens: expected.totalTokensUsed,
        costNanoUsd: expected.costNanoUsd,
        unpricedCalls: expected.unpricedCalls,
      },
    ]);
  });

  it("reads a session as it is stored", () => {
    const [row] = query.getSessions({ sessionIds: [SESSIONS[0] ?? ""] }).rows;
    if (row === undefined) throw new Error("no session");
    expect(glanceOf([], row.sessionId, row.product)).toEqual({
      session: {
        project: row.project,
        tokens: totalTokens(row.tokens),
        newTokens: totalTokens(row.tokens) - row.tokens.cacheRead,
        costNanoUsd: row.costNanoUsd,
        unpricedCalls: row.unpricedCalls,
      },
      since: [],
    });
    expect(glanceOf([], row.sessionId, "codex")?.session).toBeUndefined();
    expect(glanceOf([], "nobody")?.session).toBeUndefined();
  });

  it("sees nothing where there is no store, or the file of another program", () => {
    expect(glanceAtStore({ path: `${temporaryFolder()}/metrics.db`, product: "a", sessionId: "b", since: [] })).toBe(
      undefined,
    );
    expect(
      glanceAtStore({ path: import.meta.filename, product: "a", sessionId: "b", since: [{ startMillis: 0 }] }),
    ).toBeUndefined();
  });

  it("leaves a sum out that would take long, and still knows the session", () => {
    const store = temporaryStore();
    const calls = Array.from({ length: 50_001 }, (_, i) =>
      call({ requestId: `r${i}`, responseId: `m${i}`, endedAtMillis: NOON + i, taskId: undefined }),
    );
    store.write({ facts: [session(), ...calls] });
    const seen = glanceAtStore({
      path: store.path,
      product: "claude-code",
      sessionId: "s1",
      since: [{ startMillis: NOON - DAY }, { startMillis: NOON + 5 * 3_600_000 }],
    });
    expect(seen?.since).toEqual([undefined, { tokens: 0, costNanoUsd: 0, unpricedCalls: 0 }]);
    expect(seen?.session?.tokens).toBe(50_001 * 2_445);
  });
});
