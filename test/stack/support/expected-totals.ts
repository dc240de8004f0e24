/** What panels of totals, shares and averages must show, worked out from the rows that SQLite has. */
import {
  agent,
  by,
  cacheReadOf,
  endedTasks,
  failedRows,
  inputOf,
  isGood,
  judgedTasks,
  mean,
  model,
  one,
  product,
  project,
  type Rows,
  type Shown,
  scaled,
  seconds,
  timedTools,
  tokensOf,
  tokensOfTask,
  tool,
  total,
  usd,
} from "./rows.ts";

/** By `board/panel/query`, exactly. */
export function expectedTotals(rows: Rows): Readonly<Record<string, Shown>> {
  const { calls, tasks, teams } = rows;
  const [ended, judged, tools, errors] = [endedTasks(rows), judgedTasks(rows), timedTools(rows), failedRows(rows)];
  const goodTasks = ended.filter(({ result }) => result === "success");
  const failedTools = tools.filter(({ errorType }) => errorType !== "");
  const open = ({ result }: { readonly result: string }): number => (result === "open" ? 1 : 0);
  const rate = mean(by(judged, agent, isGood), by(judged, agent, one));
  const duration = mean(by(ended, agent, seconds), by(ended, agent, one));
  const share = (result: string): Shown =>
    mean(
      total(ended, (task) => (task.result === result ? 1 : 0)),
      total(ended, one),
    );
  return {
    "overview/Success rate/A": mean(total(judged, isGood), total(judged, one)),
    "overview/Average duration/A": mean(total(ended, seconds), total(ended, one)),
    "overview/Tokens a day/A": total(calls, tokensOf),
    "overview/Cost/A": total(calls, usd),
    "overview/Agents, last 7 days/A": rate,
    "overview/Agents, last 7 days/B": by(ended, agent, one),
    "overview/Agents, last 7 days/C": duration,
    "overview/Agents, last 7 days/D": by(calls, agent, tokensOf),
    "overview/Agents, last 7 days/E": by(calls, agent, usd),
    "overview/Tokens, last 7 days/A": total(calls, tokensOf),
    "overview/Tasks, last 7 days/A": by(ended, ({ result }) => result, one),
    "overview/Tokens by model/A": by(calls, model, tokensOf),
    "overview/Tasks finished/A": total(ended, one),
    "overview/Tasks running/A": total(tasks, open),
    "agents/Agents/A": rate,
    "agents/Agents/B": by(ended, agent, one),
    "agents/Agents/C": duration,
    "agents/Agents/E": by(calls, agent, tokensOf),
    "agents/Agents/F": by(calls, agent, usd),
    "agents/Agents/G": by(errors, agent, one),
    "agents/Success rate by agent/A": rate,
    "agents/Average duration by agent/A": duration,
    "agents/Tokens by agent/A": by(calls, agent, tokensOf),
    "agents/Cost by agent/A": by(calls, agent, usd),
    "agents/Running/A": by(tasks, agent, open),
    "agents/Tokens a task by agent/A": mean(by(ended, agent, tokensOfTask), by(ended, agent, one)),
    "agents/Errors by agent/A": by(errors, agent, one),
    "tasks/Tasks finished/A": total(ended, one),
    "tasks/Success rate/A": mean(total(judged, isGood), total(judged, one)),
    "tasks/Tokens a task/A": mean(total(ended, tokensOfTask), total(ended, one)),
    "tasks/Results/A": by(ended, ({ result }) => result, one),
    "tasks/Kinds/A": by(ended, ({ kind }) => kind, one),
    "tasks/Files/A": filesOf(rows),
    "tasks/Lines/A": linesOf(rows),
    "tasks/Running/A": total(tasks, open),
    "cost-and-tokens/Cost/A": total(calls, usd),
    "cost-and-tokens/Tokens/A": total(calls, tokensOf),
    "cost-and-tokens/Cost of a successful task/A": mean(total(calls, usd), total(goodTasks, one)),
    "cost-and-tokens/Input from caches/A": mean(total(calls, cacheReadOf), total(calls, inputOf)),
    "cost-and-tokens/Cost, last 7 days/A": by(calls, model, usd),
    "cost-and-tokens/Cost by model/A": by(calls, model, usd),
    "cost-and-tokens/Cost by project/A": by(calls, project, usd),
    "cost-and-tokens/Cost by team/A": by(calls, ({ sessionId }) => teams.get(sessionId) ?? "", usd),
    "cost-and-tokens/Tokens by product/A": by(calls, product, tokensOf),
    "cost-and-tokens/Where costs come from/A": by(calls, ({ costOrigin }) => costOrigin, usd),
    "cost-and-tokens/Price of a million tokens by model/A": scaled(
      mean(by(calls, model, usd), by(calls, model, tokensOf)),
      1e6,
    ),
    "tools/Tool calls/A": total(tools, one),
    "tools/Average duration/A": mean(total(tools, seconds), total(tools, one)),
    "tools/Tool calls a task/A": mean(total(tools, one), total(ended, one)),
    "tools/Tools/A": by(tools, tool, one),
    "tools/Tools/B": mean(
      by(tools, tool, ({ errorType }) => (errorType === "" ? 1 : 0)),
      by(tools, tool, one),
    ),
    "tools/Tools/C": mean(by(tools, tool, seconds), by(tools, tool, one)),
    "tools/Tools/E": by(tools, tool, seconds),
    "tools/Tool calls by agent/A": by(tools, agent, one),
    "tools/Time in tools by agent/A": by(tools, agent, seconds),
    "tools/Failed calls by tool/A": by(failedTools, tool, one),
    "tools/Tool calls by project/A": by(tools, project, one),
    "quality/Failed tasks/A": share("failure"),
    "quality/Cancelled tasks/A": share("cancelled"),
    "quality/Tasks of unknown result/A": share("unknown"),
    "quality/Successes per million tokens/A": scaled(mean(total(goodTasks, one), total(calls, tokensOf)), 1e6),
    "quality/Success rate by project/A": mean(by(judged, project, isGood), by(judged, project, one)),
    "quality/Errors a task by agent/A": mean(by(errors, agent, one), by(ended, agent, one)),
    "quality/Errors, last 7 days/A": by(errors, agent, one),
    "quality/Errors by class/A": by(errors, ({ errorType }) => errorType, one),
  };
}

function filesOf({ files }: Rows): Shown {
  const changed = [
    ["created", total(files, ({ filesCreated }) => filesCreated)],
    ["modified", total(files, ({ filesModified }) => filesModified)],
    ["deleted", total(files, ({ filesDeleted }) => filesDeleted)],
  ] as const;
  return new Map(changed.map(([change, sum]) => [change, sum.get("") ?? 0] as const).filter(([, sum]) => sum > 0));
}

function linesOf({ files }: Rows): Shown {
  const sums = { added: total(files, (task) => task.linesAdded), removed: total(files, (task) => task.linesRemoved) };
  return new Map(Object.entries(sums).map(([change, sum]) => [change, sum.get("") ?? 0]));
}
