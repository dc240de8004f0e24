/** What calls of models cost, in money and tokens, and what the money bought. */
import { LABELS } from "../metric-names.ts";
import { type BoardPanel, barsPanel, daysPanel, legendOf, linesPanel, statPanel, steps } from "../panels.ts";
import {
  change,
  grown,
  grownBefore,
  grownOnDay,
  ofBudgets,
  ofCalls,
  ofWork,
  rate,
  ratio,
  select,
  sum,
  sumOfAll,
  tokens,
  withResult,
} from "../promql.ts";

const cost = ofCalls("cost");
const input = ofCalls("inputTokens");

/** The panels, in their order. */
export function costPanels(): BoardPanel[] {
  return [
    statPanel(
      {
        title: "Cost",
        question: "What did the period cost? Below it: the change against the period before.",
        unit: "currencyUSD",
      },
      sum(grown(cost)),
      { expression: change(sum(grown(cost)), sum(grownBefore(cost))), good: "fall" },
    ),
    statPanel(
      {
        title: "Tokens",
        question: "How many tokens were used in the period? Below it: the change against the period before.",
        unit: "short",
      },
      tokens(grown),
      { expression: change(tokens(grown), tokens(grownBefore)), good: "either" },
    ),
    statPanel(
      {
        title: "Cost of a successful task",
        question: "What does a task that went well cost, with what failed ones cost?",
        unit: "currencyUSD",
      },
      ratio(sum(grown(cost)), sum(grown(ofWork("taskCount", withResult("success"))))),
    ),
    statPanel(
      {
        title: "Input from caches",
        question: "How much of the input was read from a cache, which costs a tenth?",
        unit: "percentunit",
        thresholds: steps(["orange"], [0.5, "green"]),
        max: 1,
      },
      ratio(sum(grown(ofCalls("cacheReadTokens"))), sum(grown(input))),
    ),
    daysPanel(
      { title: "Cost, last 7 days", question: "Which day was dear, and which model made it so?", unit: "currencyUSD" },
      [{ expression: sum(grownOnDay(cost), "model"), legend: legendOf("model") }],
    ),
    linesPanel(
      {
        title: "Tokens a minute by kind",
        question: "What are tokens spent on? Input that is new, read from and written to caches, and output.",
        unit: "short",
      },
      [
        {
          expression: `(${sum(rate(input))} - (${sumOfAll(rate, [ofCalls("cacheReadTokens"), ofCalls("cacheWriteTokens")])} or vector(0))) * 60`,
          legend: "new input",
        },
        { expression: `${sum(rate(ofCalls("cacheReadTokens")))} * 60`, legend: "read from caches" },
        { expression: `${sum(rate(ofCalls("cacheWriteTokens")))} * 60`, legend: "written to caches" },
        { expression: `${sum(rate(ofCalls("outputTokens")))} * 60`, legend: "output" },
      ],
      "stack",
    ),
    barsPanel(
      { title: "Cost by model", question: "Which model costs the money?", unit: "currencyUSD" },
      sum(grown(cost), "model"),
      "model",
    ),
    barsPanel(
      { title: "Cost by project", question: "Which project costs the money?", unit: "currencyUSD" },
      sum(grown(cost), "project"),
      "project",
    ),
    barsPanel(
      {
        title: "Cost by team",
        question:
          "Which team pays how much? By the team that agents send with their data; without a name: those that send none.",
        unit: "currencyUSD",
      },
      sum(grown(cost), "team"),
      "team",
    ),
    barsPanel(
      { title: "Tokens by product", question: "Which agent program uses the tokens?", unit: "short" },
      tokens(grown, "product"),
      "product",
    ),
    barsPanel(
      {
        title: "Where costs come from",
        question: "How much of the cost did agents report, and how much is computed from list prices?",
        unit: "currencyUSD",
      },
      sum(grown(cost), "origin"),
      "origin",
    ),
    barsPanel(
      {
        title: "Price of a million tokens by model",
        question: "What does a million tokens of each model really cost, caches included?",
        unit: "currencyUSD",
      },
      `${ratio(sum(grown(cost), "model"), tokens(grown, "model"))} * 1e6`,
      "model",
    ),
    barsPanel(
      {
        title: "Budgets",
        question:
          "How much of each budget is used up? Of tokens or money, whichever is more, by what used most of it. Product, project, agent and model do not choose here.",
        unit: "percentunit",
        thresholds: steps(["green"], [0.8, "orange"], [1, "red"]),
      },
      `max by (${LABELS.budget}) (${select(ofBudgets("budgetUsage"))} / ${select(ofBudgets("budgetLimit"))})`,
      "budget",
    ),
  ];
}
