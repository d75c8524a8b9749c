import { messageOf } from "../../base/errors.ts";
import type { TapItem } from "../../cluster/tap_feed.ts";
import { readTapOrder, type TapOrder } from "../../wire/bodies/tap.ts";
import { tapHere, tapThere } from "../ask/ask_tap.ts";
import { type Command, USAGE_EXIT_CODE } from "../options/command.ts";
import { formatTapItem } from "../print/tap_line.ts";
import { whoAsks } from "../ask/who_asks.ts";

/** Shows frames of some clients as they pass. */
export const tapCommand: Command = {
  name: "tap",
  operands: ["uid|client|group", "NAME"],
  summary: "show the frames of a uid, client or group as they pass",
  description:
    `Shows what clients send and are sent, on all gateways of the cluster, until
Ctrl-C: when, which way, of whom, what kind, how many bytes, and of JSON its keys
and types. What frames say is shown with --show-payload only. It follows a client
that moves to another gateway.

No more than --rate frames a second of each gateway are shown, and less if they are
read slowly: how many were left out is said. Gateways log who taps whom, and
status shows it as long as it lasts.

It asks what runs on this machine, by its control socket; with --admin any process
of the cluster that serves it, with the token in GATEWAYWORKER_API_TOKEN.`,
  examples: `
# what ann's pages send and get
deno run -A cli.ts tap uid ann
# a room, with what is said, for a program on another machine
GATEWAYWORKER_API_TOKEN=… deno run -A cli.ts tap group lobby --show-payload --json --admin 10.0.0.5:8484`,
  options: [
    "register",
    "runtimeDir",
    "tapAdmin",
    "apiToken",
    "showPayload",
    "tapRate",
    "json",
  ],
  run: async (context) => {
    const { operands: [subject = "", name = ""], settings, output } = context;
    const order = {
      subject,
      names: [name],
      payload: settings.showPayload,
      rate: settings.tapRate,
      by: whoAsks(),
    };
    const show = (item: TapItem) =>
      output.out(
        settings.json ? `${JSON.stringify(item)}\n` : formatTapItem(item),
      );
    try {
      const tap: TapOrder = readTapOrder(order);
      if (settings.tapAdmin === "") await tapHere(context, tap, show);
      else await tapThere(context, tap, show);
      output.error("The tap is over: whoever it asked has ended\n");
      return 1;
    } catch (error) {
      output.error(`${messageOf(error)}\n`);
      return error instanceof TypeError ? USAGE_EXIT_CODE : 1;
    }
  },
};
