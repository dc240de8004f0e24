/**
 * Follows the calls of a model that Mastra asks, again where it fails. It does so in a place of its own that cannot be
 * reached, so what is asked with the very same prompt is taken for another attempt at the same call.
 */
import { boundProxy } from "../../bound-proxy.ts";
import { currentScope } from "../../current-scope.ts";
import { type Attempts, openAttempts } from "../../open-call.ts";
import { guarded, isRecording } from "../../registry.ts";
import type { TaskState } from "../../scope.ts";
import { shapeOf } from "../../usage/shape.ts";
import { followModel } from "../vercel/follow-model.ts";

type Method = (...args: unknown[]) => Promise<unknown>;

/** The proxy of a model, and every proxy itself. */
const proxies = new WeakMap<object, object>();
/** The open attempts of each model, by the prompt. */
const open = new WeakMap<object, WeakMap<object, Attempts>>();

/** The same model, whose calls are recorded. */
export function followAttemptsOf(model: unknown): unknown {
  const followed = followModel(model);
  if (typeof followed !== "object" || followed === null) return model;
  const known = proxies.get(followed);
  if (known !== undefined) return known;
  const methods = new Map<PropertyKey, Method>();
  const proxy = boundProxy(followed, (key, value) => {
    if ((key !== "doGenerate" && key !== "doStream") || typeof value !== "function") return undefined;
    let method = methods.get(key);
    if (method === undefined) {
      method = (...args) => attempt(followed, args, () => Reflect.apply(value, followed, args) as Promise<unknown>);
      methods.set(key, method);
    }
    return method;
  });
  proxies.set(followed, proxy);
  proxies.set(proxy, proxy);
  return proxy;
}

async function attempt(model: object, args: readonly unknown[], work: () => Promise<unknown>): Promise<unknown> {
  const task = currentScope()?.task;
  const prompt = shapeOf(args[0])?.["prompt"];
  const isKnown = typeof prompt === "object" && prompt !== null && task !== undefined && isRecording();
  const attempts = isKnown ? guarded(() => attemptsOf(model, prompt, task)) : undefined;
  if (attempts === undefined) return work();
  try {
    const reply = await attempts.run(work);
    attempts.end();
    return reply;
  } catch (error) {
    const { isRetryable, name } = shapeOf(error) ?? {};
    if (isRetryable === false || name === "AbortError") attempts.end();
    throw error;
  }
}

/** The attempts under way, or new ones, which are over with the task at the latest. */
function attemptsOf(model: object, prompt: object, task: TaskState): Attempts {
  const byPrompt = open.get(model) ?? new WeakMap<object, Attempts>();
  open.set(model, byPrompt);
  const known = byPrompt.get(prompt);
  if (known !== undefined) return known;
  const { run, end } = openAttempts();
  const attempts: Attempts = {
    run,
    end: () => {
      byPrompt.delete(prompt);
      task.atEnd?.delete(attempts.end);
      end();
    },
  };
  byPrompt.set(prompt, attempts);
  task.atEnd ??= new Set();
  task.atEnd.add(attempts.end);
  return attempts;
}
