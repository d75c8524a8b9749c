/**
 * A gateway as a process of its own that says what its counters are when it is
 * asked: a line in, a line of JSON out.
 *
 * @module
 */
import { configureSync, getTextFormatter } from "@logtape/logtape";
import { Gateway, type GatewayOptions, type LedgerEntry } from "../../mod.ts";
import { TextLineStream } from "./text_lines.ts";

/** What a gateway says of itself. */
export interface GatewayReport {
  /** What became of all events. */
  readonly ledger: LedgerEntry;
  /** Clients that are connected. */
  readonly clients: number;
  /** Workers that are linked. */
  readonly workers: number;
  /** Bytes of memory that the process holds. */
  readonly memory: number;
}

function report({ ledger, clients, workers }: Gateway): GatewayReport {
  return { ledger, clients, workers, memory: Deno.memoryUsage().rss };
}

async function print(value: unknown): Promise<void> {
  await Deno.stdout.write(
    new TextEncoder().encode(`${JSON.stringify(value)}\n`),
  );
}

function startLogging(): void {
  const format = getTextFormatter();
  const encoder = new TextEncoder();
  configureSync({
    sinks: {
      log: (record) => Deno.stderr.writeSync(encoder.encode(format(record))),
    },
    loggers: [{ category: [], sinks: ["log"], lowestLevel: "info" }],
  });
}

async function main(options: GatewayOptions): Promise<void> {
  const stop = new AbortController();
  Deno.addSignalListener("SIGTERM", () => stop.abort());
  startLogging();
  const gateway = await Gateway.start({ ...options, signal: stop.signal });
  await print({ ready: Deno.pid });
  void answer(gateway);
  await gateway.finished;
  await print(report(gateway));
}

async function answer(gateway: Gateway): Promise<void> {
  const lines = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const _line of lines) await print(report(gateway));
}

if (import.meta.main) {
  const options: unknown = JSON.parse(Deno.args[0] ?? "{}");
  // Written by the suite itself.
  await main(options as GatewayOptions);
  Deno.exit(0);
}
