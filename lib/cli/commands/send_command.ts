import {
  type Addressee,
  ADDRESSEES,
  carryOut,
  type SendOrder,
} from "../../admin/send_order.ts";
import { parseLabels } from "../../wire/bodies/labels.ts";
import type { Message, PushClient } from "../../cluster/mod.ts";
import {
  type Command,
  type CommandContext,
  USAGE_EXIT_CODE,
} from "../options/command.ts";
import { readInput } from "../ask/read_input.ts";
import { tellReached } from "../ask/tell_reached.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";
import { PHP_DIAL_KEYS } from "../options/php_options.ts";
import { NATS_KEYS, PUSH_KEYS } from "../options/nats_options.ts";
import { withCluster } from "../ask/with_cluster.ts";
import { withPushes } from "../ask/with_pushes.ts";

/** Sends a message to clients. */
export const sendCommand: Command = {
  name: "send",
  operands: [ADDRESSEES.join("|"), "[ID]", "[MESSAGE]"],
  summary:
    "send a message to everybody, to a client, uid or group, or to workers",
  description:
    `Sends a message to everybody, or to the clients of the ID: a client id, a uid, or
the name of a group. Without MESSAGE, or with "-" in its place, the message is
read from standard input. With --confirm it fails if nobody was reached. What
follows "--" is no option, whatever it begins with.

To workers goes what their handlers are told as a notice event: to those with the
labels that the ID says, such as game=chess. With --confirm it fails if one of
them does not take it within ten seconds.

With --nats it reaches the clients of all cells by way of their bridges, from any
machine that NATS lets in, without a Register or a link; not single client ids,
and not workers.`,
  examples: `
# everybody
deno run -A cli.ts send all "The shop closes in ten minutes"
# one person, on whatever devices, and it is an error if there is none
deno run -A cli.ts send uid ann "Your order is on its way" --confirm
# a group whose name begins with a dash
deno run -A cli.ts send --confirm -- group -lobby hello
# the handlers of some workers
deno run -A cli.ts send workers game=chess "Read the openings again" --confirm
# everybody in all cells, by way of NATS
deno run -A cli.ts send --nats nats://10.0.0.9 --push-key-file push.key all "Hello"
# a file to a group
deno run -A cli.ts send group lobby - < news.json`,
  options: [
    "register",
    ...NODE_TRUST_KEYS,
    ...PHP_DIAL_KEYS,
    ...NATS_KEYS,
    ...PUSH_KEYS,
    "confirm",
    "binary",
    "json",
  ],
  run: async (context) => {
    const [to = "", ...rest] = context.operands;
    const recipient = ADDRESSEES.find((each) => each === to);
    const mistake = recipient === undefined
      ? `Cannot send to "${to}": it must be one of ${ADDRESSEES.join(", ")}`
      : mistakeIn(recipient, rest, context);
    if (recipient !== undefined && mistake === undefined) {
      return await send(context, recipient, rest);
    }
    context.output.error(`${mistake}\n`);
    return USAGE_EXIT_CODE;
  },
};

function mistakeIn(
  to: Addressee,
  rest: readonly string[],
  { settings }: CommandContext,
): string | undefined {
  if (to === "client" && settings.nats.length > 0) {
    return "Cannot send to a client by way of NATS: its id means something in one cell only";
  }
  if (to === "workers" && settings.nats.length > 0) {
    return "Cannot send to workers by way of NATS: they are told within their cell only";
  }
  const [labels = ""] = rest;
  if (
    to === "workers" && rest.length > 0 && parseLabels(labels) === undefined
  ) {
    return `Cannot send to workers "${labels}": say which labels, as in "send workers game=chess MESSAGE"`;
  }
  if (to === "all" && rest.length > 1) {
    return `Cannot send to all: only a message may follow, "${
      rest[1]
    }" is too many`;
  }
  if (to !== "all" && rest.length === 0) {
    return `Cannot send to a ${to}: say which, as in "send ${to} ID MESSAGE"`;
  }
  return undefined;
}

async function send(
  context: CommandContext,
  to: Addressee,
  rest: readonly string[],
): Promise<number> {
  const ids = rest.slice(0, to === "all" ? 0 : 1);
  const message = await readMessage(rest[ids.length], context);
  const { confirm } = context.settings;
  const order: SendOrder = { to, ids, message, options: { confirm } };
  const what = `send to ${[to, ...ids].join(" ")}`;
  if (context.settings.nats.length > 0) {
    return await withPushes(
      context,
      async (pushes) => tellReached(context, what, await push(pushes, order)),
    );
  }
  return await withCluster(
    context,
    async (cluster) =>
      tellReached(context, what, await carryOut(cluster, order), nounOf(to)),
  );
}

function nounOf(to: Addressee): string {
  return to === "workers" ? "worker" : "client";
}

function push(
  pushes: PushClient,
  { to, ids, message, options }: SendOrder,
): Promise<number | undefined> {
  switch (to) {
    case "uid":
      return pushes.sendToUid(ids, message, options);
    case "group":
      return pushes.sendToGroup(ids, message, options);
    default:
      // A client, and workers, were mistakes before.
      return pushes.sendToAll(message, options);
  }
}

async function readMessage(
  given: string | undefined,
  { settings }: CommandContext,
): Promise<Message> {
  const isInput = given === undefined || given === "-";
  const bytes = isInput ? await readInput() : new TextEncoder().encode(given);
  if (settings.binary) return bytes;
  // What begins with U+FEFF is sent as it is.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
