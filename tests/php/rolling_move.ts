import { BusinessWorker, type Handler } from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import {
  startPhpGateway,
  startPhpRegister,
  startPhpWorker,
} from "../_support/php_peers.ts";
import { TestClient } from "../_support/test_client.ts";

/** How much load there is while the workers are moved. */
export interface MoveLoad {
  /** How many clients. */
  readonly clients: number;
  /** Messages that each sends in a second. */
  readonly rate: number;
  /** Milliseconds of load before and after each step. */
  readonly rest: number;
}

/** What became of the messages that were sent while something was replaced. */
export interface Step {
  /** What was done. */
  readonly name: string;
  /** Messages that were sent. */
  sent: number;
  /** Those of them that were answered by a worker of the original. */
  byPhp: number;
  /** Those of them that were answered by a worker of ours. */
  byOurs: number;
  /** Those that nobody answered. */
  lost: number;
  /** Those that were answered more than once. */
  twice: number;
}

/** What came of a move. */
export interface MoveResult {
  /** Step by step. */
  readonly steps: readonly Step[];
  /** Clients whose connection ended. */
  readonly disconnects: number;
}

/** Milliseconds after the last answer in which a message that is missing counts as lost. */
const SETTLE = 1_500;

const echo: Handler = (event) =>
  event.type === "message" ? `ours:${event.text()}` : undefined;

/** A client that sends numbered messages, and counts what comes back. */
class Sender {
  readonly #client: TestClient;
  readonly #answers: Map<number, number>;
  readonly #onAnswer: (number: number, by: string) => void;

  constructor(
    client: TestClient,
    answers: Map<number, number>,
    onAnswer: (number: number, by: string) => void,
  ) {
    this.#client = client;
    this.#answers = answers;
    this.#onAnswer = onAnswer;
    void this.#hear();
  }

  send(number: number): void {
    this.#answers.set(number, 0);
    this.#client.send(String(number));
  }

  async #hear(): Promise<void> {
    while (true) {
      const [by = "", number] = String(await this.#client.hear()).split(":");
      this.#answers.set(
        Number(number),
        (this.#answers.get(Number(number)) ?? 0) + 1,
      );
      this.#onAnswer(Number(number), by);
    }
  }
}

/**
 * Moves a cluster of the original to workers of ours, one worker at a time, while
 * clients send: then replaces one of ours by another.
 */
export async function moveWorkers(
  { clients, rate, rest }: MoveLoad,
  onStep: (step: Step) => void = () => {},
): Promise<MoveResult> {
  await using stack = new AsyncDisposableStack();
  const { node, address: register } = await startPhpRegister();
  stack.use(node);
  const gateways = await Promise.all(
    [1, 2].map(() => startPhpGateway({ register })),
  );
  for (const gateway of gateways) stack.use(gateway.node);
  const theirs = await Promise.all(
    ["One", "Two"].map((name) => startPhpWorker({ register, name })),
  );
  for (const worker of theirs) stack.use(worker);
  const start = async () => {
    const worker = stack.use(
      await BusinessWorker.start({
        handler: echo,
        register: [register],
        phpRegisters: [register],
        phpGateways: gateways.flatMap(({ addresses }) => addresses),
      }),
    );
    await eventually("ours is linked", () => worker.gateways === 2);
    return worker;
  };

  const steps: Step[] = [];
  const stepOf = new Map<number, Step>();
  const answers = new Map<number, number>();
  const begin = (name: string) => {
    const step = { name, sent: 0, byPhp: 0, byOurs: 0, lost: 0, twice: 0 };
    steps.push(step);
    return step;
  };
  let step = begin("2 workers of the original");
  let lastAnswer = performance.now();
  let disconnects = 0;
  let isOver = false;
  const onAnswer = (number: number, by: string) => {
    lastAnswer = performance.now();
    const of = stepOf.get(number);
    if (of === undefined) return;
    if (by === "ours") of.byOurs++;
    else of.byPhp++;
  };
  const senders: Sender[] = [];
  for (let index = 0; index < clients; index++) {
    const url = gateways[index % 2]?.url ?? "";
    const client = await TestClient.connect(url);
    stack.use(client);
    void client.closed.then(() => void (isOver || disconnects++));
    senders.push(new Sender(client, answers, onAnswer));
  }
  let number = 0;
  let turn = 0;
  const slices = 10;
  const timer = setInterval(() => {
    // A tenth of the clients at a time, so that the load is even.
    for (let at = turn++ % slices; at < senders.length; at += slices) {
      stepOf.set(++number, step);
      step.sent++;
      senders[at]?.send(number);
    }
  }, 1_000 / rate / slices);
  stack.defer(() => clearInterval(timer));
  const load = () => new Promise((resolve) => setTimeout(resolve, rest));

  await load();
  const ours: BusinessWorker[] = [];
  for (const [index, worker] of theirs.entries()) {
    step = begin(`worker ${index + 1} of the original is replaced by ours`);
    ours.push(await start());
    await worker.stop();
    await load();
  }
  step = begin("a worker of ours is replaced by another one");
  await start();
  await ours[0]?.shutdown();
  await load();
  clearInterval(timer);
  lastAnswer = performance.now();
  while (performance.now() - lastAnswer < SETTLE) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  isOver = true;
  for (const [number, count] of answers) {
    const of = stepOf.get(number);
    if (of === undefined) continue;
    if (count === 0) of.lost++;
    if (count > 1) of.twice++;
  }
  for (const each of steps) onStep(each);
  return { steps, disconnects };
}
