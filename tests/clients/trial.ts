import type { Client } from "./clients.ts";
import { MuteServer } from "./mute_server.ts";
import {
  type Outcome,
  type ProgramPlace,
  runProgram,
  type Step,
} from "./run_program.ts";
import type { Stage } from "./stage.ts";
import { Wire } from "./wire.ts";

/** Sizes of the messages that are sent there and back, in bytes. */
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_048_576];

/** Codes that servers close clients with. */
const CODES = [
  1000,
  1001,
  1008,
  1009,
  1011,
  1012,
  1013,
  3000,
  4001,
  4002,
  4008,
  4013,
];

/** Statuses that a gateway refuses clients with. */
const STATUSES = [401, 403, 429, 503];

/** The largest message that is tried by default, in bytes. */
const LARGEST = 16 * 1_048_576;

/** Milliseconds without a message, with a ping each second. */
const IDLE = 6_000;

/** Most milliseconds of one step. */
const STEP_TIME = 60_000;

/** Most milliseconds of the step that looks how long a close is waited for. */
const CLOSE_TIME = 90_000;

/** What was seen of a library, each in a few words. */
export interface Facts {
  /** Its upgrade request, but for the first line, ports, its key, and who it says it is. */
  readonly request: readonly string[];
  /** Which messages came back as they were sent. */
  readonly echo: string;
  /** What was agreed on for compression. */
  readonly compression: string;
  /** The largest message that it takes by default. */
  readonly largest: string;
  /** What it does while only pings come. */
  readonly idle: string;
  /** What it makes of close codes, by code. */
  readonly codes: Readonly<Record<string, string>>;
  /** What it makes of refusals, by status. */
  readonly refusals: Readonly<Record<string, string>>;
  /** How long it waits for a close frame in answer to its own. */
  readonly closeWait: string;
  /** The Origin that it sends unasked. */
  readonly origin: string;
  /** The code with which the gateway sees it leave. */
  readonly leaves: string;
}

/** Runs one library through everything. */
export class Trial {
  readonly #client: Client;
  readonly #stage: Stage;
  readonly #command: string;
  readonly #cwd: string;

  /**
   * @param command What starts its program.
   * @param cwd The folder that it runs in.
   */
  constructor(client: Client, stage: Stage, command: string, cwd: string) {
    this.#client = client;
    this.#stage = stage;
    this.#command = command;
    this.#cwd = cwd;
  }

  /** All that there is to see, one after another but for the longest wait. */
  async run(): Promise<Facts> {
    const closeWait = this.#closeWait();
    return {
      ...await this.#echo(),
      largest: await this.#largest(),
      idle: await this.#idle(),
      codes: await this.#each(CODES, (code) => `do=close&code=${code}`, endOf),
      refusals: await this.#each(
        STATUSES,
        (status) => `do=refuse&status=${status}`,
        refusalOf,
      ),
      closeWait: await closeWait,
    };
  }

  async #listen(query: string, wire: Wire): Promise<Outcome> {
    return await this.#run("listen", wire.port, query, []);
  }

  async #run(
    mode: string,
    port: number,
    query: string,
    sizes: readonly number[],
    bounds: Pick<ProgramPlace, "time" | "until"> = { time: STEP_TIME },
  ): Promise<Outcome> {
    const url = `ws://127.0.0.1:${port}/?${query}`;
    const args = [mode, url, ...sizes.map(String)];
    const time = bounds.time * (this.#client.patience ?? 1);
    const place = { ...bounds, cwd: this.#cwd, time };
    return await runProgram(this.#command, args, place);
  }

  async #echo(): Promise<
    Pick<Facts, "request" | "echo" | "compression" | "origin" | "leaves">
  > {
    await using wire = new Wire(this.#stage.port);
    const run = crypto.randomUUID();
    const { echoFrom = 0, echoTo = Infinity } = this.#client;
    const sizes = SIZES.filter((size) => size >= echoFrom && size <= echoTo);
    const outcome = await this.#run(
      "echo",
      wire.port,
      `do=echo&run=${run}`,
      sizes,
    );
    const { frames: { close }, request, answer } = wire;
    const code = await this.#stage.codeOf(run);
    const mask = close === undefined || close.masked ? "" : ", without a mask";
    const frame = close === undefined ? ", no close frame" : "";
    return {
      request: requestOf(request, wire.port),
      echo: echoOf(outcome, sizes),
      compression: compressionOf(request, answer),
      origin: (request.header("origin") ?? "none").replace(/:\d+$/, ":PORT"),
      leaves: `${code ?? "stays"}${mask}${frame}`,
    };
  }

  async #largest(): Promise<string> {
    await using wire = new Wire(this.#stage.port);
    const most = this.#client.largest ?? LARGEST;
    const { steps } = await this.#listen(`do=grow&to=${most}`, wire);
    const largest = Math.max(0, ...steps.map(({ size = 0 }) => size));
    return largest >= most ? `>= ${amountOf(most)}` : amountOf(largest);
  }

  async #idle(): Promise<string> {
    await using wire = new Wire(this.#stage.port);
    const outcome = await this.#listen(`do=idle&for=${IDLE}`, wire);
    const stayed = outcome.steps.some(({ size }) =>
      size === "still here".length
    );
    return stayed ? "stays" : `is cut: ${endOf(outcome)}`;
  }

  async #each(
    numbers: readonly number[],
    queryOf: (number: number) => string,
    look: (outcome: Outcome) => string,
  ): Promise<Record<string, string>> {
    const seen: Record<string, string> = {};
    for (const number of numbers) {
      await using wire = new Wire(this.#stage.port);
      seen[number] = look(await this.#listen(queryOf(number), wire));
    }
    return seen;
  }

  async #closeWait(): Promise<string> {
    const server = new MuteServer();
    const { waited: until } = server;
    await this.#run("echo", server.port, "", [], { time: CLOSE_TIME, until });
    server.close();
    const waited = await until;
    return waited === Infinity
      ? "without end"
      : `${Math.round(waited / 1_000)} s`;
  }
}

function requestOf({ text }: Wire["request"], port: number): string[] {
  const lines = text.replaceAll(String(port), "PORT").trimEnd().split("\r\n");
  return lines.slice(1).map((line) =>
    line.replace(/^(sec-websocket-key: ).*/i, "$1KEY")
      .replace(/^(origin: .*:)\d+$/i, "$1PORT")
      .replace(/^(user-agent|sec-ch-ua.*?|cookie): .*/i, "$1: …")
  );
}

function echoOf(outcome: Outcome, sizes: readonly number[]): string {
  const kinds = ["text", "binary"].map((kind) => {
    const same = outcome.steps.filter((step) =>
      step.kind === kind && step.same
    );
    if (same.length === sizes.length) return kind;
    const missing = sizes.filter((size) =>
      !same.some((step) => step.size === size)
    );
    return same.length === 0 ? "" : `${kind} but ${missing.join(", ")}`;
  });
  return kinds.filter((kind) => kind !== "").join(", ") || endOf(outcome);
}

function compressionOf(request: Wire["request"], answer: Wire["answer"]) {
  const name = "sec-websocket-extensions";
  const offer = request.header(name);
  if (offer === undefined) return "none";
  return answer.header(name) ?? `offers ${offer}`;
}

/** How the program saw the end: a code, or an error. */
function endOf({ steps, noise, isLate }: Outcome): string {
  const last = steps.findLast(({ step }) =>
    step === "closed" || step === "error"
  );
  if (last?.step === "error") return errorOf(last);
  if (last !== undefined) return last.code ? String(last.code) : "not told";
  if (isLate) return "waits without end";
  const [line = ""] = noise.split("\n");
  return line === "" ? "nothing" : shortOf(`ends: ${line}`);
}

function refusalOf(outcome: Outcome): string {
  const { steps } = outcome;
  if (steps.some(({ step }) => step === "open")) return "open";
  const told = steps.find(({ status }) => status !== undefined);
  if (told !== undefined) return String(told.status);
  const error = steps.find(({ step, text = "" }) =>
    step === "error" && text !== ""
  );
  if (error === undefined) return endOf(outcome);
  const isTold = /\b(401|403|429|503)\b/.test(withoutUrl(error.text));
  return isTold ? "its status, in a text" : errorOf(error);
}

function errorOf({ text }: Step): string {
  return shortOf(`error: ${text ?? ""}`);
}

/** What an error says, without addresses and the like. */
function shortOf(text: string): string {
  return withoutUrl(text).replaceAll(/\d{5,}/g, "N").slice(0, 60).trim();
}

function withoutUrl(text = ""): string {
  return text.replaceAll(/\bws:[^\s'"]+/g, "URL");
}

function amountOf(bytes: number): string {
  return bytes >= 1_048_576
    ? `${bytes / 1_048_576} MiB`
    : `${bytes / 1_024} KiB`;
}
