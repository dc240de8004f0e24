/** Whether the work is good: ends, errors, waits. */
import {
  type BoardPanel,
  barsPanel,
  daysPanel,
  LESS_IS_BETTER,
  legendOf,
  linesPanel,
  MORE_IS_BETTER,
  statPanel,
} from "../panels.ts";
import {
  change,
  grown,
  grownBefore,
  grownOnDay,
  ofProjects,
  ofWork,
  partOfCalls,
  quantile,
  rate,
  ratio,
  select,
  successRate,
  sum,
  tokens,
  withResult,
} from "../promql.ts";

const ofModelCalls = (part: "bucket" | "count" | "sum") => partOfCalls("inferenceDuration", part);
const ofFirstChunk = (part: "bucket" | "count" | "sum") => partOfCalls("timeToFirstChunk", part);

/** The panels, in their order. */
export function qualityPanels(): BoardPanel[] {
  const share = (result: string) =>
    ratio(`(${sum(grown(ofWork("taskCount", withResult(result))))} or vector(0))`, sum(grown(ofWork("taskCount"))));
  const efficiency = (growth: typeof grown) =>
    `${ratio(sum(growth(ofWork("taskCount", withResult("success")))), tokens(growth))} * 1e6`;
  return [
    statPanel(
      {
        title: "Failed tasks",
        question: "What share of all tasks ended in a failure?",
        unit: "percentunit",
        thresholds: LESS_IS_BETTER,
      },
      share("failure"),
    ),
    statPanel(
      {
        title: "Cancelled tasks",
        question: "What share of all tasks did people or programs break off?",
        unit: "percentunit",
        thresholds: LESS_IS_BETTER,
      },
      share("cancelled"),
    ),
    statPanel(
      {
        title: "Tasks of unknown result",
        question: "Of what share of all tasks is not known how they ended? They are in no success rate.",
        unit: "percentunit",
        thresholds: LESS_IS_BETTER,
      },
      share("unknown"),
    ),
    statPanel(
      {
        title: "Successes per million tokens",
        question:
          "How much success do tokens buy? Successful tasks for a million tokens. Below it: the change against the period before.",
        unit: "short",
      },
      efficiency(grown),
      { expression: change(efficiency(grown), efficiency(grownBefore)), good: "rise" },
    ),
    barsPanel(
      {
        title: "Success rate by project",
        question: "In which project do tasks fail?",
        unit: "percentunit",
        thresholds: MORE_IS_BETTER,
        max: 1,
      },
      successRate(grown, "project"),
      "project",
    ),
    barsPanel(
      {
        title: "Errors a task by agent",
        question: "How often does something fail on the way? Failed model calls, tools and tasks for each task.",
        unit: "short",
      },
      ratio(sum(grown(ofWork("errors")), "agent"), sum(grown(ofWork("taskCount")), "agent")),
      "agent",
    ),
    daysPanel({ title: "Errors, last 7 days", question: "Do errors become more, and whose are they?", unit: "short" }, [
      { expression: sum(grownOnDay(ofWork("errors")), "agent"), legend: legendOf("agent") },
    ]),
    barsPanel(
      {
        title: "Errors by class",
        question: "What goes wrong? Classes of errors; messages are never kept.",
        unit: "short",
      },
      sum(grown(ofWork("errors")), "error"),
      "error",
    ),
    linesPanel(
      { title: "Errors an hour", question: "When did things fail?", unit: "short" },
      [{ expression: `${sum(rate(ofWork("errors")), "agent")} * 3600`, legend: legendOf("agent") }],
      "stack",
    ),
    linesPanel(
      {
        title: "Duration of model calls",
        question: "Do models answer as fast as they did? The limit of the slowest twentieth, by model.",
        unit: "s",
      },
      [{ expression: quantile(0.95, rate, ofModelCalls, "model"), legend: legendOf("model") }],
    ),
    linesPanel(
      {
        title: "Time to the first chunk",
        question: "How long do people wait for the first words? The slower half, by model; only calls that tell it.",
        unit: "s",
      },
      [{ expression: quantile(0.5, rate, ofFirstChunk, "model"), legend: legendOf("model") }],
    ),
    linesPanel(
      {
        title: "Test coverage and lint scores",
        question: "Does the code become better? What moai-metrics import quality and agents told last, by project.",
        unit: "percentunit",
        max: 1,
      },
      [
        { expression: sum(select(ofProjects("testCoverage")), "project"), legend: `coverage ${legendOf("project")}` },
        { expression: sum(select(ofProjects("lintScore")), "project"), legend: `lint ${legendOf("project")}` },
      ],
    ),
    linesPanel(
      { title: "Benchmark scores", question: "Do benchmarks get better? The newest score of each.", unit: "short" },
      [{ expression: select(ofProjects("benchmarkScore")), legend: legendOf("benchmark") }],
    ),
  ];
}
