/** A real browser, driven over its DevTools protocol. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

/** How a page is looked at. */
interface View {
  readonly width: number;
  readonly isDark?: boolean;
  readonly isPrinted?: boolean;
}

/** What a page did, and how it lay. */
interface LookedAt {
  /** Addresses asked for, but for the page itself. */
  readonly requests: readonly string[];
  /** Errors of scripts, and what the browser complained of. */
  readonly complaints: readonly string[];
  /** Width of what could be scrolled to. */
  readonly scrollWidth: number;
  /** Names of the elements that reach beyond the right edge and are not inside of something that scrolls. */
  readonly overflowing: readonly string[];
  readonly background: string;
  readonly text: string;
}

/** A running browser. */
export interface Browser {
  look(file: string, view: View): Promise<LookedAt>;
  /** The page on paper: the bytes of a PDF. */
  print(file: string): Promise<Buffer>;
  close(): Promise<void>;
}

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0", "about:blank"],
];

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, never>;
  readonly result?: Record<string, never>;
  readonly error?: { readonly message: string };
};

const OVERFLOWING = `[...document.querySelectorAll("body *")].filter((element) =>
  element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5 &&
  !element.closest(".scroll > *") && !element.closest("svg > *")).map(({ nodeName, className }) => nodeName + "." + className)`;

/** Starts a browser with an empty profile. */
export async function startBrowser(program: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "browser-"));
  const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const address = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
    createInterface({ input: child.stderr }).on("line", (line) => {
      const found = /^DevTools listening on ws:\/\/([^/]+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });

  async function openPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
    const target = await fetch(`http://${address}/json/new?about:blank`, { method: "PUT" });
    const { webSocketDebuggerUrl, id } = (await target.json()) as { webSocketDebuggerUrl: string; id: string };
    const page = await connect(webSocketDebuggerUrl);
    try {
      return await work(page);
    } finally {
      page.close();
      await fetch(`http://${address}/json/close/${id}`);
    }
  }

  return {
    look: (file, { width, isDark = false, isPrinted = false }) =>
      openPage(async (page) => {
        const url = pathToFileURL(file).href;
        await page.ask("Emulation.setDeviceMetricsOverride", {
          width,
          height: 800,
          deviceScaleFactor: 1,
          mobile: width < 600,
        });
        await page.ask("Emulation.setEmulatedMedia", {
          media: isPrinted ? "print" : "screen",
          features: [{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }],
        });
        await page.load(url);
        const evaluate = async <T>(expression: string): Promise<T> => {
          const { result } = await page.ask("Runtime.evaluate", { expression, returnByValue: true });
          return (result as unknown as { value: T }).value;
        };
        return {
          requests: page.requests.filter((each) => each !== url),
          complaints: page.complaints,
          scrollWidth: await evaluate("document.documentElement.scrollWidth"),
          overflowing: await evaluate(OVERFLOWING),
          background: await evaluate("getComputedStyle(document.body).backgroundColor"),
          text: await evaluate("document.body.innerText"),
        };
      }),
    print: (file) =>
      openPage(async (page) => {
        await page.load(pathToFileURL(file).href);
        const { data } = await page.ask("Page.printToPDF", { printBackground: true, preferCSSPageSize: true });
        return Buffer.from(data ?? "", "base64");
      }),
    close: async () => {
      child.kill("SIGKILL");
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Page {
  readonly requests: string[];
  readonly complaints: string[];
  ask(method: string, params?: object): Promise<Record<string, never>>;
  load(url: string): Promise<void>;
  close(): void;
}

async function connect(url: string): Promise<Page> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`The browser does not answer at ${url}.`));
  });
  const requests: string[] = [];
  const complaints: string[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  const events = new Map<string, () => void>();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    const { method = "", params } = message;
    if (method === "Network.requestWillBeSent")
      requests.push((params as unknown as { request: { url: string } }).request.url);
    if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") complaints.push(JSON.stringify(params));
    events.get(method)?.();
  };
  let lastId = 0;
  const ask: Page["ask"] = async (method, params = {}) => {
    const id = ++lastId;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  for (const domain of ["Page", "Network", "Runtime", "Log"]) await ask(`${domain}.enable`);
  return {
    requests,
    complaints,
    ask,
    load: async (address) => {
      const loaded = new Promise<void>((resolve) => events.set("Page.loadEventFired", resolve));
      await ask("Page.navigate", { url: address });
      await loaded;
    },
    close: () => socket.close(),
  };
}
