import { parseJson } from "../../base/parse_json.ts";
import type { TapItem } from "../../cluster/tap_feed.ts";
import type { TapOrder } from "../../wire/bodies/tap.ts";
import type { CommandContext } from "../options/command.ts";
import { LocalProcesses } from "./local_processes.ts";
import { runtimeDirOf } from "./runtime.ts";

/** A tap could not be begun, or broke off. */
export class TapError extends Error {
  override readonly name = "TapError";
}

/**
 * Taps by way of what runs on this machine; resolves when that has ended.
 *
 * @throws {NothingRunsError} If nothing runs here.
 * @throws {RuntimeDirError} If it cannot tap.
 */
export async function tapHere(
  { settings }: CommandContext,
  tap: TapOrder,
  show: (item: TapItem) => void,
): Promise<void> {
  const local = await LocalProcesses.find(runtimeDirOf(settings));
  const [name = ""] = local.names;
  await local.untilEnd(
    name,
    { order: "tap", tap, by: tap.by },
    (line) => show(parseJson(line) as TapItem),
  );
}

/**
 * Taps by way of any process that serves `--admin`; resolves when that has ended.
 *
 * @throws {TapError} If it cannot be asked, or does not want to.
 */
export async function tapThere(
  { settings: { tapAdmin, apiToken } }: CommandContext,
  { subject, names: [name = ""], payload, rate, by }: TapOrder,
  show: (item: TapItem) => void,
): Promise<void> {
  const query = new URLSearchParams({
    [subject]: name,
    payload: String(payload),
    rate: String(rate),
    by,
  });
  const response = await ask(`http://${tapAdmin}/api/tap?${query}`, apiToken);
  if (!response.ok || response.body === null) {
    throw new TapError(
      `Cannot tap at ${tapAdmin}: ${(await response.text()).trim()}`,
    );
  }
  let held = "";
  for await (
    const text of response.body.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (held + text).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") show(parseJson(line) as TapItem);
    }
  }
}

async function ask(url: string, token: string): Promise<Response> {
  try {
    return await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  } catch (error) {
    throw new TapError(`Cannot tap as ${url} cannot be asked`, {
      cause: error,
    });
  }
}
