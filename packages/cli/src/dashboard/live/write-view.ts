/** Writes what is shown into two files: the screen as text, its figures as JSON. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderJson } from "@moai-metrics/report";
import { createPalette } from "@moai-metrics/report/screen";
import { renderScreen } from "../screen/render-screen.ts";
import type { DashboardState } from "../state.ts";

/**
 * Writes into a folder; a file of the same second is replaced.
 *
 * @returns what to tell.
 */
export async function writeView(state: DashboardState, folder: string): Promise<string> {
  const { dashboard, detail } = state;
  if (dashboard === undefined) return "There is nothing to write yet.";
  const name = `moai-metrics-${dashboard.at.slice(0, 19).replaceAll(/[-:]/g, "")}`;
  const shown = { ...state, notice: undefined, problem: undefined, isOnce: true };
  const text = renderScreen(shown, createPalette(false)).join("\n").trimEnd();
  const figures = detail?.content === undefined ? { dashboard } : { dashboard, detail: detail.content };
  await Promise.all([
    writeFile(join(folder, `${name}.txt`), `${text}\n`),
    writeFile(join(folder, `${name}.json`), renderJson(figures)),
  ]);
  return `Written: ${name}.txt and .json`;
}
