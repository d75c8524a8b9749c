import {
  getAvailablePorts,
  startCli,
  type TestProcess,
  type TestProcessOptions,
} from "./processes.ts";

const HANDLERS = new URL("./handlers/", import.meta.url);

/** The path of a handler for tests. */
export function handlerPath(name: string): string {
  return new URL(`${name}.ts`, HANDLERS).pathname;
}

/** A Register address of this test alone. */
export function registerAddress(): string {
  return `127.0.0.1:${getAvailablePorts(1)}`;
}

/** All roles on ports of this test alone. */
export function startAll(
  handler: string,
  args: readonly string[],
  options?: TestProcessOptions,
): TestProcess {
  return startAllAt(registerAddress(), handler, args, options);
}

/** All roles on ports of this test alone, with a Register at this address. */
export function startAllAt(
  register: string,
  handler: string,
  args: readonly string[],
  options?: TestProcessOptions,
): TestProcess {
  const listens = args.some((arg) => arg.startsWith("--listen="));
  const listen = listens ? [] : ["--listen=ws://127.0.0.1:0"];
  const own = [`--register=${register}`, "--start-port=0", ...listen];
  return startCli(
    ["start", handler, ...own, ...args],
    options,
  );
}

/** What a command that ends came to. */
export interface CommandResult {
  /** Exit code. */
  readonly code: number;
  /** Lines of standard output. */
  readonly out: readonly string[];
  /** Lines of standard error. */
  readonly errors: readonly string[];
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  options?: TestProcessOptions,
): Promise<CommandResult> {
  await using process = startCli(args, options);
  const code = await process.code();
  const { out, errors } = process;
  return { code, out, errors };
}

/** The address that clients use, when all is ready. */
export async function clientUrl(process: TestProcess): Promise<string> {
  const summary = await process.line(/^All ready/);
  return /ws:\S+[^,\s]/.exec(summary)?.[0] ?? "";
}

/** Resolves with what the cluster answers to a message. */
export async function ask(url: string, message = "hello"): Promise<string> {
  const socket = new WebSocket(url);
  const answer = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();
  socket.onopen = () => socket.send(message);
  socket.onmessage = ({ data }) => {
    answer.resolve(String(data));
    socket.close();
  };
  socket.onclose = () => {
    answer.reject(new TypeError("Cannot get an answer: the socket closed"));
    closed.resolve();
  };
  await closed.promise;
  return await answer.promise;
}
