/** Reports of coverage and linters whose paths, names and messages are secrets, whole ones and broken ones. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SECRETS } from "./secrets.ts";

/** Paths of reports that can be read, and of those that cannot; relative to `folder`. */
export interface PlantedReports {
  readonly whole: readonly string[];
  readonly broken: readonly string[];
}

/** Writes the reports into a folder. */
export function plantQualityReports(folder: string): PlantedReports {
  mkdirSync(folder, { recursive: true });
  const texts = SECRETS.map(({ text }) => text);
  const write = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    return name;
  };
  const oneLine = (text: string): string => text.replaceAll("\n", " ");
  const inXml = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll("\n", " ");
  const lcov = texts.map(
    (text) => `TN:${oneLine(text)}\nSF:${oneLine(text)}\nFN:1,${oneLine(text)}\nDA:1,1\nDA:2,0\nend_of_record\n`,
  );
  const classes = texts.map(
    (text) =>
      `<class name="${inXml(text)}" filename="${inXml(text)}"><methods/><lines><line number="1" hits="1"/></lines></class>`,
  );
  const lines = { total: 2, covered: 1, skipped: 0, pct: 50 };
  const messages = (text: string): object[] => [{ ruleId: text, severity: 2, message: text, line: 1, column: 1 }];
  return {
    whole: [
      write("lcov.info", lcov.join("")),
      write(
        "cobertura.xml",
        `<?xml version="1.0" ?><coverage lines-valid="${texts.length}" lines-covered="${texts.length}" timestamp="1795883681999"><sources>${texts.map((text) => `<source>${inXml(text)}</source>`).join("")}</sources><packages><package name="main"><classes>${classes.join("")}</classes></package></packages></coverage>`,
      ),
      write(
        "summary.json",
        Object.fromEntries([["total", { lines }], ...texts.map((text): [string, object] => [text, { lines }])]),
      ),
      write(
        "eslint.json",
        texts.map((text) => ({
          filePath: text,
          messages: messages(text),
          source: text,
          errorCount: 1,
          warningCount: 0,
        })),
      ),
      write("biome.json", {
        summary: { changed: 0, unchanged: 1_000, errors: texts.length, diagnosticsNotPrinted: 0 },
        diagnostics: texts.map((text) => ({
          severity: "error",
          category: text,
          message: text,
          advices: [text],
          location: { path: text, sourceCode: text },
        })),
        command: "lint",
      }),
    ],
    broken: [
      ...texts.slice(0, 5).map((text, n) => write(`broken-${n}.json`, `{"a": ${text}`)),
      write("unknown.json", { note: texts }),
      write("unknown.txt", texts.join("\n")),
      write("odd.info", `SF:${oneLine(texts[0] ?? "")}\nDA:${texts.map(oneLine).join(",")}\n`),
      write("odd.xml", `<coverage lines-valid="${inXml(texts[1] ?? "")}">${inXml(texts[2] ?? "")}`),
      write("odd-summary.json", { total: { lines: { total: texts[3], covered: texts[4] } } }),
      write("odd-biome.json", { summary: {}, diagnostics: [{ severity: texts[5] }], command: texts[6] }),
    ],
  };
}
