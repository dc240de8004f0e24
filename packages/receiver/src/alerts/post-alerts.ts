/** Posts alerts to the user's webhook. */
import type { Alert } from "@moai-metrics/report";

/** What is sent. `text` is what chat programs show of a webhook's message. */
export interface AlertMessage {
  readonly version: 1;
  readonly sentAt: string;
  readonly text: string;
  readonly alerts: readonly Omit<Alert, "key">[];
}

/** Makes the message. */
export function alertMessage(alerts: readonly Alert[], nowMillis: number): AlertMessage {
  return {
    version: 1,
    sentAt: new Date(nowMillis).toISOString(),
    text: alerts.map(({ message }) => `moai-metrics: ${message}`).join("\n"),
    alerts: alerts.map(({ key: _ours, ...alert }) => alert),
  };
}

/** Posts; returns what went wrong, or undefined. Never rejects. A redirect is not followed: the user named one address. */
export async function postAlerts(
  url: string,
  message: AlertMessage,
  timeoutMillis: number,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "moai-metrics" },
      body: JSON.stringify(message),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMillis),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it answered ${response.status}`;
  } catch (error) {
    return reasonOf(error, timeoutMillis);
  }
}

function reasonOf(error: unknown, timeoutMillis: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMillis} ms`;
  const { cause } = error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : error.message;
}
