/**
 * Holds the documents together: every relative link in a Markdown file points to a file, and to a heading if it names one.
 * Usage: node scripts/check-links.ts [root]
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";

const ignored = new Set(["node_modules", "dist", "coverage", "fixtures"]);

/** The text outside fenced code, with lines kept in place. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, "")).replace(/`[^`\n]*`/g, "");
}

/** The anchors of a document as GitHub makes them from its headings. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm);
  return new Set(
    [...headings].map((match) =>
      (match[1] ?? "")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    ),
  );
}

/** Every link below `root` that leads nowhere, one line each, as `file:line  what is missing`. */
export function findDeadLinks(root: string): string[] {
  const dead: string[] = [];
  const files = globSync("**/*.md", { cwd: root, exclude: (name) => ignored.has(path.basename(name)) }).sort();
  for (const file of files) {
    const text = withoutCode(readFileSync(path.join(root, file), "utf8"));
    for (const match of text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)) {
      const link = match[1] ?? "";
      if (/^[a-z][a-z0-9+.-]*:/i.test(link)) continue;
      const [name = "", anchor] = decodeURI(link).split("#");
      const target = name === "" ? path.join(root, file) : path.resolve(root, path.dirname(file), name);
      const line = text.slice(0, match.index).split("\n").length;
      if (!existsSync(target)) dead.push(`${file}:${line}  no such file: ${name}`);
      else if (anchor && target.endsWith(".md") && !anchorsOf(readFileSync(target, "utf8")).has(anchor)) {
        dead.push(`${file}:${line}  no such heading: ${link}`);
      }
    }
  }
  return dead;
}

if (import.meta.main) {
  const dead = findDeadLinks(process.argv[2] ?? path.dirname(import.meta.dirname));
  for (const line of dead) console.error(line);
  console.log(dead.length === 0 ? "Links hold." : `${dead.length} dead.`);
  process.exitCode = dead.length === 0 ? 0 : 1;
}
