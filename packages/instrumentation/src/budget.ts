/** Budgets for a piece of work, which abort it when they are used up. */
import { type TokenUsage, totalTokens } from "@moai-metrics/model";
import { isPromiseLike } from "./follow-promise.ts";
import { countDrop, guarded, registry } from "./registry.ts";

/** What a piece of work may use at most. What is left out has no limit. */
export interface BudgetLimits {
  /** Tokens of all model calls inside: input, cache reads, cache writes and output. */
  readonly tokens?: number | undefined;
  /** US dollars at list prices, or as reported. Calls without a known price cost nothing here, and are counted as dropped. */
  readonly usd?: number | undefined;
  readonly seconds?: number | undefined;
}

/** What a piece of work has used, in the units of its limits. */
export interface UsedBudget {
  readonly tokens: number;
  readonly usd: number;
  readonly seconds: number;
}

/** A running budget, as the code inside sees it. */
export interface Budget {
  /** Aborted when the budget is used up, with a {@link BudgetExceededError} as its reason. Hand it to model calls. */
  readonly signal: AbortSignal;
  /** What has been used until now. */
  used(): UsedBudget;
}

/**
 * A budget that is used up.
 *
 * @example
 * ```ts
 * try {
 *   await withBudget({ seconds: 10 }, ({ signal }) => fetch("http://localhost:11434/api/tags", { signal }));
 * } catch (error) {
 *   if (!(error instanceof BudgetExceededError)) throw error;
 *   console.log(`${error.used} of ${error.allowed} ${error.limit}`);
 * }
 * ```
 */
export class BudgetExceededError extends Error {
  override readonly name = "BudgetExceededError";
  /** What was used up. */
  readonly limit: keyof BudgetLimits;
  /** What was allowed of it. */
  readonly allowed: number;
  /** What was used of it, by the time it was noticed. */
  readonly used: number;

  constructor(limit: keyof BudgetLimits, allowed: number, used: number, options?: ErrorOptions) {
    super(`The budget of ${allowed} ${limit} is used up: ${used} used. Raise it, or let the work use less.`, options);
    this.limit = limit;
    this.allowed = allowed;
    this.used = used;
  }
}

/** A budget in force, inside of others. */
export interface RunningBudget {
  readonly outer: RunningBudget | undefined;
  note(tokens: number, usd: number | undefined): void;
}

/** A timer of Node.js for longer than this fires at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

/**
 * Runs `work` within a budget: model calls recorded inside, across awaits, count, and so does the time. What is used up
 * aborts `budget.signal`; it is up to the work to listen. Budgets nest: a call counts in all that are around it.
 *
 * @example
 * ```ts
 * const answer = await withBudget({ tokens: 50_000, usd: 0.5, seconds: 60 }, async ({ signal, used }) => {
 *   const reply = await fetch("http://localhost:11434/api/chat", { method: "POST", signal });
 *   console.log(`${used().tokens} tokens so far`);
 *   return reply.text();
 * });
 * ```
 * @returns what `work` returns, also where the last call went beyond the budget.
 * @throws BudgetExceededError where the work throws after its budget was used up, with what it threw as the cause; else
 *   what it throws. TypeError for a limit that is no number above 0.
 */
export function withBudget<T>(limits: BudgetLimits, work: (budget: Budget) => T): T {
  checkLimits(limits);
  const controller = new AbortController();
  const startedAt = performance.now();
  const counted = { tokens: 0, usd: 0 };
  const used = (): UsedBudget => ({ ...counted, seconds: (performance.now() - startedAt) / 1000 });
  const check = (limit: keyof BudgetLimits): void => {
    const allowed = limits[limit];
    const soFar = used()[limit];
    if (allowed === undefined || soFar <= allowed || controller.signal.aborted) return;
    controller.abort(new BudgetExceededError(limit, allowed, soFar));
  };
  const running: RunningBudget = {
    outer: registry.budgets.getStore(),
    note: (tokens, usd) => {
      counted.tokens += tokens;
      if (usd !== undefined) counted.usd += usd;
      else if (limits.usd !== undefined) countDrop("call without a price in a budget");
      check("tokens");
      check("usd");
    },
  };
  const timer = limits.seconds === undefined ? undefined : setTimeout(timeIsUp, limits.seconds * 1000).unref();
  function timeIsUp(): void {
    const { seconds = 0 } = limits;
    if (!controller.signal.aborted) controller.abort(new BudgetExceededError("seconds", seconds, used().seconds));
  }
  const failed = (error: unknown): never => {
    clearTimeout(timer);
    const { reason } = controller.signal;
    if (!(reason instanceof BudgetExceededError) || error === reason) throw error;
    throw new BudgetExceededError(reason.limit, reason.allowed, reason.used, { cause: error });
  };
  let returned: T;
  try {
    returned = registry.budgets.run(running, () => work({ signal: controller.signal, used }));
  } catch (error) {
    return failed(error);
  }
  if (!isPromiseLike(returned)) {
    clearTimeout(timer);
    return returned;
  }
  return Promise.resolve(returned).then((value) => {
    clearTimeout(timer);
    return value;
  }, failed) as T;
}

/** The budget around the running code. */
export function currentBudget(): RunningBudget | undefined {
  return registry.budgets.getStore();
}

/** Counts a model call in the budgets that were around it when it began. Never throws. */
export function noteInBudgets(
  budget: RunningBudget | undefined,
  tokens: TokenUsage | undefined,
  usd: number | undefined,
): void {
  if (tokens === undefined && usd === undefined) return;
  for (let each = budget; each !== undefined; each = each.outer) {
    const { note } = each;
    guarded(() => note(tokens === undefined ? 0 : totalTokens(tokens), usd));
  }
}

function checkLimits(limits: BudgetLimits): void {
  for (const [limit, value] of Object.entries(limits)) {
    if (!(limit === "tokens" || limit === "usd" || limit === "seconds")) {
      throw new TypeError(`A budget has no "${limit}"; give tokens, usd or seconds.`);
    }
    if (value !== undefined && !(typeof value === "number" && value > 0 && Number.isFinite(value))) {
      throw new TypeError(`The budget's ${limit} is ${String(value)}; give a number above 0, or leave it out.`);
    }
    if (limit === "seconds" && value !== undefined && value * 1000 > MAX_TIMER_MILLIS) {
      throw new TypeError(`The budget's seconds are ${value}; give at most ${Math.floor(MAX_TIMER_MILLIS / 1000)}.`);
    }
  }
}
