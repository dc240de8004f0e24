/** How the agents did: success, time, tokens and cost, against the period before, and who did the work. */
import { type BoardPanel, barsPanel, daysPanel, legendOf, MORE_IS_BETTER, statPanel, tablePanel } from "../panels.ts";
import {
  average,
  change,
  grown,
  grownBefore,
  grownInWeek,
  grownOnDay,
  ofCalls,
  ofTaskDuration,
  ofWork,
  select,
  successRate,
  sum,
  tokens,
} from "../promql.ts";

/** The panels, in their order. */
export function overviewPanels(agentLink: { readonly title: string; readonly url: string }): BoardPanel[] {
  return [
    statPanel(
      {
        title: "Success rate",
        question:
          "How many of the finished tasks went well? Success among success, failure and timeout; cancelled and unknown ends do not count. Below it: the difference to the period before, in points.",
        unit: "percentunit",
        thresholds: MORE_IS_BETTER,
        max: 1,
      },
      successRate(grown),
      { expression: `${successRate(grown)} - ${successRate(grownBefore)}`, good: "rise" },
    ),
    statPanel(
      {
        title: "Average duration",
        question:
          "How long does a task take, on average? Below it: the change against the period before; falling is good.",
        unit: "s",
      },
      average(grown, ofTaskDuration),
      { expression: change(average(grown, ofTaskDuration), average(grownBefore, ofTaskDuration)), good: "fall" },
    ),
    statPanel(
      {
        title: "Tokens a day",
        question:
          "How many tokens are used on an average day of the period? Input with what comes from caches, and output with reasoning. Below it: the change against the period before.",
        unit: "short",
      },
      `${tokens(grown)} * 24 / $period`,
      { expression: change(tokens(grown), tokens(grownBefore)), good: "either" },
    ),
    statPanel(
      {
        title: "Cost",
        question:
          "What did the period cost? At the prices of the API lists, or what agents reported; calls without a price are not in it. Below it: the change against the period before.",
        unit: "currencyUSD",
      },
      sum(grown(ofCalls("cost"))),
      { expression: change(sum(grown(ofCalls("cost"))), sum(grownBefore(ofCalls("cost")))), good: "fall" },
    ),
    tablePanel(
      {
        title: "Agents, last 7 days",
        question:
          "Which agent finishes what it begins, and how much does it do? Always the last seven days, whatever the period.",
      },
      "agent",
      [
        { title: "Success", expression: successRate(grownInWeek, "agent"), unit: "percentunit", isBar: true },
        { title: "Tasks", expression: sum(grownInWeek(ofWork("taskCount")), "agent"), unit: "short" },
        { title: "Average", expression: average(grownInWeek, ofTaskDuration, "agent"), unit: "s" },
        { title: "Tokens", expression: tokens(grownInWeek, "agent"), unit: "short" },
        { title: "Cost", expression: sum(grownInWeek(ofCalls("cost")), "agent"), unit: "currencyUSD" },
      ],
      [agentLink],
    ),
    daysPanel(
      {
        title: "Tokens, last 7 days",
        question: "Is more used from day to day? Tokens of each day; today so far.",
        unit: "short",
      },
      [{ expression: tokens(grownOnDay), legend: "Tokens" }],
    ),
    daysPanel(
      {
        title: "Tasks, last 7 days",
        question: "How much was done each day, and how did it end?",
        unit: "short",
      },
      [{ expression: sum(grownOnDay(ofWork("taskCount")), "result"), legend: legendOf("result") }],
    ),
    barsPanel(
      { title: "Tokens by model", question: "Which models do the work in the period?", unit: "short" },
      tokens(grown, "model"),
      "model",
    ),
    statPanel(
      { title: "Tasks finished", question: "How many tasks ended in the period, however they ended?", unit: "short" },
      sum(grown(ofWork("taskCount"))),
    ),
    statPanel(
      { title: "Tasks running", question: "How many tasks run at this moment?", unit: "short" },
      `sum(${select(ofWork("taskActive"))}) or vector(0)`,
    ),
  ];
}
