/** A page of tasks as a JSON document, with the fields that tasks have in `export`. */
import type { Page, TaskRecord } from "@moai-metrics/store";
import { columnsOf } from "./row-columns.ts";
import { rowWriter } from "./row-text.ts";

/** `{ tasks: [...], nextCursor }`. @param hidden names of the fields that the settings keep out. */
export function exportTaskPage({ rows, nextCursor }: Page<TaskRecord>, hidden: ReadonlySet<string>): string {
  const write = rowWriter(columnsOf("tasks", hidden));
  return `{"tasks":[${rows.map((row) => write(row)).join(",\n")}],"nextCursor":${JSON.stringify(nextCursor ?? null)}}\n`;
}
