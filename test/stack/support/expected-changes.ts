/** What panels must show that compare a period with the one before, worked out from what SQLite had at the end of each. */
import {
  alone,
  endedTasks,
  isGood,
  judgedTasks,
  one,
  type Rows,
  type Shown,
  seconds,
  timedTools,
  tokensOf,
  tokensOfTask,
  total,
  usd,
} from "./rows.ts";

/** By `board/panel/query`, exactly. */
export function expectedChanges(before: Rows, now: Rows): Readonly<Record<string, Shown>> {
  const [earlier, all] = [amountsOf(before), amountsOf(now)];
  const later = Object.fromEntries(
    Object.entries(all).map(([name, amount]) => [name, amount - earlier[name as keyof Amounts]]),
  ) as unknown as Amounts;
  const change = (of: (amounts: Amounts) => number): Shown => alone(of(later) / of(earlier) - 1);
  const rate = ({ successes, judged }: Amounts): number => successes / judged;
  const cost = change((amounts) => amounts.usd);
  const tokens = change((amounts) => amounts.tokens);
  return {
    "overview/Success rate/B": alone(rate(later) - rate(earlier)),
    "overview/Average duration/B": change(({ taskSeconds, tasks }) => taskSeconds / tasks),
    "overview/Tokens a day/B": tokens,
    "overview/Cost/B": cost,
    "cost-and-tokens/Cost/B": cost,
    "cost-and-tokens/Tokens/B": tokens,
    "tasks/Tasks finished/B": change(({ tasks }) => tasks),
    "tasks/Tokens a task/B": change(({ taskTokens, tasks }) => taskTokens / tasks),
    "tools/Tool calls/B": change(({ tools }) => tools),
    "tools/Average duration/B": change(({ toolSeconds, tools }) => toolSeconds / tools),
    "quality/Successes per million tokens/B": change((amounts) => amounts.successes / amounts.tokens),
  };
}

interface Amounts {
  readonly tasks: number;
  readonly judged: number;
  readonly successes: number;
  readonly taskSeconds: number;
  readonly taskTokens: number;
  readonly tokens: number;
  readonly usd: number;
  readonly tools: number;
  readonly toolSeconds: number;
}

function amountsOf(rows: Rows): Amounts {
  const sum = <Row>(some: readonly Row[], value: (row: Row) => number): number => total(some, value).get("") ?? 0;
  return {
    tasks: sum(endedTasks(rows), one),
    judged: sum(judgedTasks(rows), one),
    successes: sum(judgedTasks(rows), isGood),
    taskSeconds: sum(endedTasks(rows), seconds),
    taskTokens: sum(endedTasks(rows), tokensOfTask),
    tokens: sum(rows.calls, tokensOf),
    usd: sum(rows.calls, usd),
    tools: sum(timedTools(rows), one),
    toolSeconds: sum(timedTools(rows), seconds),
  };
}
