/** Reads what a person types. */
import { createInterface } from "node:readline";

/** One line, without its end and surrounding blanks; empty when the input ends before. */
export async function readAnswer(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
  }
}
