/** What agents do with tools. */
import { LABELS } from "../metric-names.ts";
import { type BoardPanel, barsPanel, legendOf, linesPanel, statPanel, tablePanel } from "../panels.ts";
import {
  average,
  change,
  FAILED,
  grown,
  grownBefore,
  ofWork,
  partOfCalls,
  partOfWork,
  quantile,
  rate,
  ratio,
  sum,
} from "../promql.ts";

const succeeded = partOfWork("executeToolDuration", "count", `${LABELS.error}=""`);
const ofTools = (part: "bucket" | "count" | "sum") => partOfWork("executeToolDuration", part);

/** The panels, in their order. */
export function toolsPanels(): BoardPanel[] {
  const calls = sum(grown(ofTools("count")));
  return [
    statPanel(
      {
        title: "Tool calls",
        question: "How often did agents use a tool in the period? Below it: the change against the period before.",
        unit: "short",
      },
      calls,
      { expression: change(calls, sum(grownBefore(ofTools("count")))), good: "either" },
    ),
    statPanel(
      {
        title: "Average duration",
        question: "How long does a tool take? Below it: the change against the period before; falling is good.",
        unit: "s",
      },
      average(grown, ofTools),
      { expression: change(average(grown, ofTools), average(grownBefore, ofTools)), good: "fall" },
    ),
    statPanel(
      {
        title: "95th percentile",
        question: "How long do slow tools take? Nineteen of twenty calls take less; estimated inside of a bucket.",
        unit: "s",
      },
      quantile(0.95, grown, ofTools),
    ),
    statPanel(
      { title: "Tool calls a task", question: "How many tools does a task need?", unit: "short" },
      ratio(calls, sum(grown(ofWork("taskCount")))),
    ),
    tablePanel({ title: "Tools", question: "Which tools are used, how long do they take, and do they fail?" }, "tool", [
      { title: "Calls", expression: sum(grown(ofTools("count")), "tool"), unit: "short" },
      {
        title: "Success",
        expression: ratio(
          `(${sum(grown(succeeded), "tool")} or 0 * ${sum(grown(ofTools("count")), "tool")})`,
          sum(grown(ofTools("count")), "tool"),
        ),
        unit: "percentunit",
        isBar: true,
      },
      { title: "Average", expression: average(grown, ofTools, "tool"), unit: "s" },
      { title: "95th percentile", expression: quantile(0.95, grown, ofTools, "tool"), unit: "s" },
      { title: "Time", expression: sum(grown(ofTools("sum")), "tool"), unit: "s" },
    ]),
    barsPanel(
      { title: "Tool calls by agent", question: "Which agent uses tools most?", unit: "short" },
      sum(grown(ofTools("count")), "agent"),
      "agent",
    ),
    barsPanel(
      {
        title: "Time in tools by agent",
        question: "How much time do agents spend in tools? Calls at the same time add up.",
        unit: "s",
      },
      sum(grown(ofTools("sum")), "agent"),
      "agent",
    ),
    barsPanel(
      { title: "Failed calls by tool", question: "Which tools fail, and how often?", unit: "short" },
      sum(grown(partOfWork("executeToolDuration", "count", FAILED)), "tool"),
      "tool",
    ),
    barsPanel(
      { title: "Tool calls by project", question: "In which project are tools used?", unit: "short" },
      sum(grown(ofTools("count")), "project"),
      "project",
    ),
    linesPanel(
      { title: "Tool calls a minute", question: "When are which tools used?", unit: "short" },
      [{ expression: `${sum(rate(ofTools("count")), "tool")} * 60`, legend: legendOf("tool") }],
      "stack",
    ),
    linesPanel(
      {
        title: "Models and tools",
        question: "Do agents wait for models or for tools? How many calls of each run at a time, on average.",
        unit: "short",
      },
      [
        { expression: sum(rate(partOfCalls("inferenceDuration", "sum"))), legend: "model calls" },
        { expression: sum(rate(ofTools("sum"))), legend: "tool calls" },
      ],
    ),
  ];
}
