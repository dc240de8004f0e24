/** Single tasks for other programs, read beside the threads that listen and write. */
import { exportTaskPage } from "@moai-metrics/report";
import { createReaderPool, StoreError } from "@moai-metrics/store";
import { askTasks } from "./tasks-question.ts";

/** What came of a question. */
type TasksAnswer =
  | { readonly state: "found"; readonly body: string }
  | { readonly state: "wrong" | "unavailable"; readonly message: string };

/** Reads tasks. */
export interface TasksReader {
  /** @param query what stands behind the `?` of the address. Never rejects. */
  read(query: string): Promise<TasksAnswer>;
  close(): Promise<void>;
}

/** Options of a reader of tasks. */
export interface TasksReaderOptions {
  /** Path of the database file. */
  readonly path: string;
  /** Fields that the settings keep out of documents. */
  readonly hidden: ReadonlySet<string>;
}

/** Creates a reader; its thread starts with the first question. */
export function createTasksReader({ path, hidden }: TasksReaderOptions): TasksReader {
  const pool = createReaderPool({ path, maxReaders: 1 });
  return {
    read: async (query) => {
      const asked = askTasks(query);
      if (asked.state === "wrong") return asked;
      try {
        const page = await pool.ask({ target: "query", method: "getTasks", parameters: [asked.question] });
        return { state: "found", body: exportTaskPage(page, hidden) };
      } catch (error) {
        if (error instanceof RangeError) return { state: "wrong", message: error.message };
        if (error instanceof StoreError) return { state: "unavailable", message: error.message };
        throw error;
      }
    },
    close: () => pool.close(),
  };
}
