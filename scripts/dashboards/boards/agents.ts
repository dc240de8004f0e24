/** Who did what: one agent beside the other. */
import { type BoardPanel, barsPanel, legendOf, linesPanel, MORE_IS_BETTER, tablePanel } from "../panels.ts";
import {
  average,
  grown,
  ofCalls,
  ofTaskDuration,
  ofWork,
  partOfWork,
  quantile,
  rate,
  ratio,
  select,
  successRate,
  sum,
  tokens,
} from "../promql.ts";

/** The panels, in their order. */
export function agentsPanels(taskLink: { readonly title: string; readonly url: string }): BoardPanel[] {
  return [
    tablePanel(
      { title: "Agents", question: "What did each agent do in the period, and at what cost?" },
      "agent",
      [
        { title: "Success", expression: successRate(grown, "agent"), unit: "percentunit", isBar: true },
        { title: "Tasks", expression: sum(grown(ofWork("taskCount")), "agent"), unit: "short" },
        { title: "Average", expression: average(grown, ofTaskDuration, "agent"), unit: "s" },
        { title: "95th percentile", expression: quantile(0.95, grown, ofTaskDuration, "agent"), unit: "s" },
        { title: "Tokens", expression: tokens(grown, "agent"), unit: "short" },
        { title: "Cost", expression: sum(grown(ofCalls("cost")), "agent"), unit: "currencyUSD" },
        { title: "Errors", expression: sum(grown(ofWork("errors")), "agent"), unit: "short" },
      ],
      [taskLink],
    ),
    barsPanel(
      {
        title: "Success rate by agent",
        question: "Which agent fails most? Success among success, failure and timeout.",
        unit: "percentunit",
        thresholds: MORE_IS_BETTER,
        max: 1,
      },
      successRate(grown, "agent"),
      "agent",
    ),
    barsPanel(
      { title: "Average duration by agent", question: "Which agent takes longest for a task?", unit: "s" },
      average(grown, ofTaskDuration, "agent"),
      "agent",
    ),
    barsPanel(
      { title: "Tokens by agent", question: "Which agent uses the tokens?", unit: "short" },
      tokens(grown, "agent"),
      "agent",
    ),
    barsPanel(
      { title: "Cost by agent", question: "Which agent costs the money?", unit: "currencyUSD" },
      sum(grown(ofCalls("cost")), "agent"),
      "agent",
    ),
    linesPanel(
      { title: "Tasks an hour", question: "When does which agent work?", unit: "short" },
      [{ expression: `${sum(rate(ofWork("taskCount")), "agent")} * 3600`, legend: legendOf("agent") }],
      "stack",
    ),
    linesPanel(
      { title: "Running", question: "How many tasks of each agent run at the same time?", unit: "short" },
      [{ expression: sum(select(ofWork("taskActive")), "agent"), legend: legendOf("agent") }],
      "stack",
    ),
    barsPanel(
      {
        title: "Tokens a task by agent",
        question: "Which agent needs most tokens for one task? The agent's own, without those of agents that it calls.",
        unit: "short",
      },
      ratio(
        sum(grown(partOfWork("taskTokens", "sum")), "agent"),
        sum(grown(partOfWork("taskTokens", "count")), "agent"),
      ),
      "agent",
    ),
    barsPanel(
      { title: "Errors by agent", question: "Where do model calls, tools and tasks fail?", unit: "short" },
      sum(grown(ofWork("errors")), "agent"),
      "agent",
    ),
  ];
}
