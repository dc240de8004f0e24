import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import { createPriceBook } from "@moai-metrics/settings";
import { describe, expect, it } from "vitest";
import {
  createPalette,
  sessionReport,
  sessionTable,
  type Table,
  taskReport,
  taskTable,
  usageByDimension,
  usageTable,
} from "../../src/index.ts";
import { type Page, periodPage, renderHtml, renderMarkdown, renderText, rowsPage } from "../../src/pages.ts";
import { CONTROL_CHARACTERS, HOSTILE_NAMES } from "../support/hostile-names.ts";
import { call, DAY, HOUR, NOON, session, storeWith, task, tool } from "../support/ledger.ts";

const UTC = createZoneCalendar("UTC");
const SCREEN = { columns: 80, palette: createPalette(false), timeZone: "UTC" };

function twoDays(names: { agent?: string; model?: string; project?: string; taskId?: string } = {}): Fact[] {
  const { agent = "expert-backend", model = "claude-sonnet-4-5", project = "/home/dev/shop", taskId = "t2" } = names;
  return [
    { ...session("s1", NOON - DAY, NOON - DAY + HOUR), project } as Fact,
    { ...session("s2", NOON, NOON + HOUR), project } as Fact,
    task("s1", "t1", "main", NOON - DAY, "success"),
    call("s1", "t1", "r1", NOON - DAY),
    task("s2", taskId, agent, NOON, "success", { startedAtMillis: NOON - 30_000 }),
    task("s2", "t3", "main", NOON + HOUR, "failure"),
    call("s2", taskId, "r2", NOON, { model }),
    call("s2", "t3", "r3", NOON + HOUR),
    tool("s2", "t3", "c1", "Bash", NOON + HOUR - 30_000),
  ];
}

const dayPage = (facts: readonly Fact[] = twoDays(), isCompared = false): Page =>
  periodPage(storeWith(facts), {
    unit: "day",
    date: "2026-11-22",
    calendar: UTC,
    comparedBy: isCompared ? createPriceBook() : undefined,
  });

describe("periodPage", () => {
  it("shows the figures of the period and their change", () => {
    const { title, subtitle, figures } = dayPage();
    expect(title).toBe("Daily report 2026-11-22");
    expect(subtitle).toContain("compared with 2026-11-21");
    expect(figures.map(({ title: name, value }) => [name, value])).toEqual([
      ["Cost", expect.closeTo(2 * (1000 * 3 + 2000 * 0.3 + 300 * 3.75 + 400 * 15) * 1e-6, 9)],
      ["Tokens", 7400],
      ["Tasks completed", 2],
      ["Success rate", 0.5],
      ["Average duration", 45_000],
      ["Sessions", 1],
    ]);
    expect(figures.map(({ change }) => change)).toMatchObject([
      { value: 1, isGood: undefined },
      { value: 1, isGood: undefined },
      { value: 1, isGood: undefined },
      { value: -0.5, isPoints: true, isGood: false },
      { value: -0.25, isPoints: false, isGood: true },
      { value: 0 },
    ]);
  });

  it("has an hour for every hour of a day and a day for every day of a week, which add up", () => {
    const store = storeWith(twoDays());
    const sumOf = (page: Page) => page.sections[0]?.chart?.points.reduce((sum, { value }) => sum + (value ?? 0), 0);
    const day = dayPage();
    expect(day.sections[0]?.chart?.points).toHaveLength(24);
    expect(sumOf(day)).toBe(7400);
    const week = periodPage(store, { unit: "week", date: "2026-11-22", calendar: UTC });
    expect(week.sections[0]?.chart?.points.map(({ label }) => label)).toEqual([
      "11-16",
      "11-17",
      "11-18",
      "11-19",
      "11-20",
      "11-21",
      "11-22",
    ]);
    expect(sumOf(week)).toBe(11_100);
    expect(periodPage(store, { unit: "month", date: "2026-11-05", calendar: UTC }).title).toBe(
      "Monthly report 2026-11",
    );
  });

  it("says why the cost changed when it is asked to", () => {
    const asked = dayPage(twoDays(), true).sections.find(({ question }) => question.startsWith("Why"));
    const rows = asked?.table?.rows.map(([cause, change]) => [cause, change]) ?? [];
    const total = Number(rows.at(-1)?.[1]);
    expect(rows.slice(0, -1).reduce((sum, [, change]) => sum + Number(change), 0)).toBeCloseTo(total, 9);
    expect(total).toBeGreaterThan(0);
    expect(dayPage().sections.some(({ question }) => question.startsWith("Why"))).toBe(false);
  });

  it("lists the tasks that took longest first", () => {
    const table = dayPage().sections.find(({ question }) => question.includes("longest"))?.table;
    expect(table?.rows.map(([agent]) => agent)).toEqual(["main", "expert-backend"]);
  });

  it("names models without a price", () => {
    expect(dayPage(twoDays({ model: "house-model" })).notes.join(" ")).toContain("house-model");
  });

  it("marks a cost that lacks calls without a price in every form, as the tables of rows do", () => {
    const page = dayPage(twoDays({ model: "house-model" }));
    const [text, html, markdown] = [
      renderText(page, SCREEN).join("\n"),
      renderHtml(page),
      renderMarkdown(page).replaceAll("\\", ""),
    ];
    expect(text).toMatch(/^Cost +\$0\.01\+ +=/m);
    expect(text).toMatch(/^shop .*\$0\.01\+$/m);
    expect(text).toMatch(/^main .*\$0\.01$/m);
    expect(text).toMatch(/^expert-backend .* unpriced$/m);
    expect(html).toContain("<dt>Cost</dt><dd>$0.01+<");
    expect(html).toContain('<td class="number">$0.01+</td>');
    expect(markdown).toContain("**Cost:** $0.01+ (");
    expect(markdown).toMatch(/shop \|.*\| \$0\.01\+ \|/);
  });

  it("can be made of a day on which nothing happened", () => {
    const page = dayPage([]);
    for (const text of [renderHtml(page), renderMarkdown(page), renderText(page, SCREEN).join("\n")]) {
      expect(text.toLowerCase()).toContain("nothing recorded");
    }
  });
});

describe("the renderers", () => {
  it("show one figure as the same text", () => {
    const page = dayPage();
    const texts = [renderHtml(page), renderMarkdown(page).replaceAll("\\", ""), renderText(page, SCREEN).join("\n")];
    for (const text of texts) {
      expect(text).toContain("7,400");
      expect(text).toContain("▼ 50 pp");
      expect(text).toContain("Which tasks took longest?");
    }
  });

  it("keep text within the screen", () => {
    for (const columns of [40, 60, 80, 120]) {
      for (const line of renderText(dayPage(twoDays({ agent: "a".repeat(300) })), { ...SCREEN, columns })) {
        expect([...line].length).toBeLessThanOrEqual(Math.max(columns, 80));
      }
    }
  });

  it("leave out on a narrow screen what matters least, never who or what a row is about", () => {
    const store = storeWith(twoDays({ project: "/home/developer/clients/some-company/shop" }));
    const page = <Row>(table: Table<Row>): string =>
      renderText(
        rowsPage(table, { title: "Rows", question: "?", subtitle: "", timeZone: "UTC", notes: [] }),
        SCREEN,
      ).join("\n");
    const usage = (dimension: "agent" | "project" | "model") =>
      page(
        usageTable(usageByDimension(store.ledger, { dimensions: [dimension], filter: {} }), {
          dimensions: [dimension],
          isBrokenDown: false,
        }),
      );
    expect(usage("model")).toMatch(/\nclaude-sonnet-4-5 +/);
    expect(usage("agent")).toMatch(/Agent +Tasks +Success/);
    expect(usage("project")).toMatch(/\nshop +3 /);
    expect(page(taskTable(taskReport(store.ledger, { filter: {} }), { isBrokenDown: false }))).toMatch(
      /Started +Agent +Result/,
    );
    expect(page(sessionTable(sessionReport(store.ledger, { filter: {} }), { isBrokenDown: false }))).toMatch(
      /Started +Session +Project/,
    );
  });

  it("keep the change beside each cause of it on a narrow screen", () => {
    const lines = renderText(dayPage(twoDays(), true), { ...SCREEN, columns: 40 });
    expect(lines.find((line) => line.startsWith("Cause "))).toMatch(/^Cause +Change$/);
    expect(lines.find((line) => line.startsWith("volume "))).toMatch(/^volume +[+-]?\$[0-9.]+$/);
  });

  it("colour what got better and worse, and only where colour is wanted", () => {
    const coloured = renderText(dayPage(), { ...SCREEN, palette: createPalette(true) }).join("\n");
    expect(coloured).toContain("\u001b[31m▼ 50 pp\u001b[39m");
    expect(renderText(dayPage(), SCREEN).join("\n")).not.toContain("\u001b");
    expect(renderHtml(dayPage())).toContain('<small class="change bad">▼ 50 pp</small>');
  });

  it("make an HTML file that asks for nothing and runs nothing", () => {
    const html = renderHtml(dayPage(twoDays(), true));
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|<img|<iframe|url\(|@import|https?:|\son\w+=/i);
    expect(html.match(/<svg role="img"/g)?.length).toBeGreaterThanOrEqual(2);
    expect(html).toContain("prefers-color-scheme:dark");
    expect(html).toContain("@media print");
  });

  it("draw bars for names and leave charts out where there is nothing to compare", () => {
    const store = storeWith(twoDays());
    const table = usageTable(usageByDimension(store.ledger, { dimensions: ["agent"], filter: {} }), {
      dimensions: ["agent"],
      isBrokenDown: false,
    });
    const options = { title: "Agents", subtitle: "all", question: "Who?", timeZone: "UTC", notes: [] };
    const chart = { name: "agent", value: "totalTokens", title: "Tokens by agent" };
    expect(renderHtml(rowsPage(table, { ...options, chart }))).toContain(
      "Tokens by agent. main: 7,400; expert-backend: 3,700",
    );
    expect(rowsPage(table, options).sections[0]?.chart).toBeUndefined();
    expect(
      rowsPage({ ...table, rows: table.rows.slice(0, 1) }, { ...options, chart }).sections[0]?.chart,
    ).toBeUndefined();
    expect(rowsPage(table, { ...options, chart: { ...chart, value: "nowhere" } }).sections[0]?.chart).toBeUndefined();
  });

  it("draw a chart of shares up to the whole, and gaps where a value is not known", () => {
    const page: Page = {
      title: "t",
      subtitle: "",
      timeZone: "UTC",
      figures: [],
      notes: [],
      sections: [
        {
          question: "q",
          chart: {
            form: "columns",
            title: "Success",
            kind: "percent",
            points: [
              { label: "a", value: 0.3 },
              { label: "b", value: null },
              { label: "c", value: 0 },
            ],
          },
        },
      ],
    };
    expect(renderHtml(page)).toContain("100%");
    expect(renderMarkdown(page)).toContain("| b | – |");
    expect(renderText(page, SCREEN).join("\n")).toContain("██████");
    expect(renderHtml(page).match(/height="0"/g)).toHaveLength(2);
  });
});

describe("hostile names", () => {
  it("are neutral on every page", () => {
    expect(HOSTILE_NAMES.length).toBeGreaterThanOrEqual(300);
    const facts = HOSTILE_NAMES.flatMap((name, index): Fact[] => [
      { ...session(`s${index}`, NOON, NOON), project: `/p/${name}` } as Fact,
      task(`s${index}`, `t${index}`, name, NOON + index, "success"),
      call(`s${index}`, `t${index}`, `r${index}`, NOON, { model: name }),
    ]);
    const page = dayPage(facts, true);
    const html = renderHtml(page);
    const markdown = renderMarkdown(page);
    const text = renderText(page, SCREEN).join("\n");
    expect(page.sections.find(({ question }) => question === "Who did the work?")?.table?.rows.length).toBeGreaterThan(
      250,
    );
    for (const rendered of [html, markdown, text]) {
      expect(rendered).not.toMatch(CONTROL_CHARACTERS);
      expect(rendered.isWellFormed()).toBe(true);
    }
    const tags = new Set([...html.matchAll(/<\/?([a-zA-Z!][a-zA-Z0-9-]*)/g)].map(([, tag]) => tag));
    expect([...tags].sort()).toEqual(
      [
        "!doctype",
        "body",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "g",
        "h1",
        "h2",
        "head",
        "header",
        "html",
        "line",
        "main",
        "meta",
        "p",
        "rect",
        "section",
        "small",
        "style",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "title",
        "tr",
      ].filter((tag) => tags.has(tag)),
    );
    expect(html).not.toMatch(/<[^>]*\son[a-z]+=/i);
    // Nothing of Markdown's own is left unescaped inside a cell.
    for (const line of markdown.split("\n").filter((each) => each.startsWith("| ") && !each.includes("---"))) {
      expect(line.slice(2, -2).replaceAll(" | ", "")).not.toMatch(/(?<!\\)(?:\\\\)*[|<>[\]`*_#]/);
    }
  });
});
