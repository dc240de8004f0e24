/** Single tasks, and how tasks went over time. */
import { type BoardPanel, barsPanel, linesPanel, MORE_IS_BETTER, statPanel } from "../panels.ts";
import {
  average,
  change,
  grown,
  grownBefore,
  ofWork,
  partOfWork,
  quantile,
  rate,
  select,
  successRate,
  sum,
} from "../promql.ts";
import { tasksTable } from "../tasks-table.ts";

const ofDuration = (part: "bucket" | "count" | "sum") => partOfWork("taskDuration", part);
const ofTokens = (part: "bucket" | "count" | "sum") => partOfWork("taskTokens", part);

/** The panels, in their order. */
export function tasksPanels(): BoardPanel[] {
  const finished = sum(grown(ofWork("taskCount")));
  return [
    statPanel(
      {
        title: "Tasks finished",
        question: "How many tasks ended in the period? Below it: the change against the period before.",
        unit: "short",
      },
      finished,
      { expression: change(finished, sum(grownBefore(ofWork("taskCount")))), good: "either" },
    ),
    statPanel(
      {
        title: "Success rate",
        question: "How many of the finished tasks went well? Success among success, failure and timeout.",
        unit: "percentunit",
        thresholds: MORE_IS_BETTER,
        max: 1,
      },
      successRate(grown),
    ),
    statPanel(
      {
        title: "95th percentile of duration",
        question: "How long do the slow tasks take? Nineteen of twenty take less; estimated inside of a bucket.",
        unit: "s",
      },
      quantile(0.95, grown, ofDuration),
    ),
    statPanel(
      { title: "Tokens a task", question: "How many tokens does a task use, on average?", unit: "short" },
      average(grown, ofTokens),
      { expression: change(average(grown, ofTokens), average(grownBefore, ofTokens)), good: "fall" },
    ),
    barsPanel(
      { title: "Results", question: "How did tasks end in the period?", unit: "short" },
      sum(grown(ofWork("taskCount")), "result"),
      "result",
    ),
    linesPanel(
      { title: "Tasks an hour by result", question: "When did tasks fail?", unit: "short" },
      [{ expression: `${sum(rate(ofWork("taskCount")), "result")} * 3600`, legend: "{{moai_task_result}}" }],
      "stack",
    ),
    linesPanel(
      {
        title: "Duration",
        question: "Do tasks become slower? Mean, and the limits of the slower half and of the slowest twentieth.",
        unit: "s",
      },
      [
        { expression: average(rate, ofDuration), legend: "mean" },
        { expression: quantile(0.5, rate, ofDuration), legend: "median" },
        { expression: quantile(0.95, rate, ofDuration), legend: "95th percentile" },
      ],
    ),
    barsPanel(
      {
        title: "Kinds",
        question: "What kinds of tasks are these? Turns of people, runs of subagents, wrapped functions.",
        unit: "short",
      },
      sum(grown(ofWork("taskCount")), "kind"),
      "kind",
    ),
    barsPanel(
      { title: "Files", question: "How many files did tasks create, modify and delete?", unit: "short" },
      sum(grown(ofWork("taskFiles")), "fileChange"),
      "fileChange",
    ),
    barsPanel(
      { title: "Lines", question: "How many lines did tasks add and remove?", unit: "short" },
      sum(grown(ofWork("taskLines")), "lineChange"),
      "lineChange",
    ),
    linesPanel({ title: "Running", question: "How many tasks run at the same time?", unit: "short" }, [
      { expression: `sum(${select(ofWork("taskActive"))}) or vector(0)`, legend: "running" },
    ]),
    tasksTable(),
  ];
}
