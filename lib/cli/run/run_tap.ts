import { isObject } from "../../base/is_object.ts";
import type { ControlOrder, Orderer } from "../../process/control.ts";
import type { TapClient } from "../../cluster/tap_client.ts";
import { readTapOrder, type TapOrder } from "../../wire/bodies/tap.ts";
import type { CommandContext } from "../options/command.ts";
import { originalOptions, trustOptions } from "../options/role_options.ts";

/** Begins to tap in the cluster that a command was told of. */
export async function openTap(
  { settings }: CommandContext,
  order: TapOrder,
): Promise<TapClient> {
  const { TapClient } = await import("../../cluster/tap_client.ts");
  return await TapClient.open({
    ...trustOptions(settings),
    ...originalOptions(settings),
    register: settings.register,
  }, order);
}

/** Taps for whoever gave the order, a line for each frame, until it has left. */
export async function runTap(
  context: CommandContext,
  { tap: given, by }: Extract<ControlOrder, { readonly order: "tap" }>,
  { say, gone }: Orderer,
): Promise<void> {
  const order = readTapOrder({
    ...(isObject(given) ? given : {}),
    by: `${by}, over the control socket,`,
  });
  await using tap = await openTap(context, order);
  const end = () => void tap[Symbol.asyncDispose]();
  gone.addEventListener("abort", end);
  if (gone.aborted) return;
  for (let item = await tap.next(); item; item = await tap.next()) {
    await say(JSON.stringify(item));
  }
}
