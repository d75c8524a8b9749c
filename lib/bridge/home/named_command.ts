import { type BodyMap, decodeMap, textField } from "../../wire/body.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import { decodeTarget } from "../../wire/bodies/target.ts";
import { Command } from "../../wire/command.ts";

/** Most heads remembered. */
const MAX_HEADS = 1_000;

/** Longest head that is remembered, in bytes. */
const MAX_HEAD = 96;

/** Hot: finds the uids and groups that a command is about. The same few heads come again and again. */
export class NamedCommands {
  readonly #known = new Map<string, readonly string[]>();

  /**
   * Returns them, as interest has them; none for a command about nobody in particular.
   *
   * @param command Which command.
   * @param head Its head.
   * @throws {ProtocolError} If the head is none.
   */
  namesOf(command: number, head: Uint8Array): readonly string[] {
    if (head.length === 0) return NO_NAMES;
    if (head.length > MAX_HEAD) return readNames(command, head);
    const key = keyOf(command, head);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const names = readNames(command, head);
    if (this.#known.size >= MAX_HEADS) this.#known.clear();
    this.#known.set(key, names);
    return names;
  }
}

const NO_NAMES: readonly string[] = [];

/** Makes a text of bytes, one unit each. */
function keyOf(command: number, head: Uint8Array): string {
  let key = String.fromCharCode(command);
  for (let at = 0; at < head.length; at++) {
    key += String.fromCharCode(head[at] as number);
  }
  return key;
}

function readNames(command: number, head: Uint8Array): readonly string[] {
  switch (command) {
    case Command.SendToUid:
    case Command.SendToGroup:
    case Command.SendToAll:
    case Command.Ask: {
      const { uids = [], groups = [] } = decodeTarget(head);
      return [...uids.map(uidName), ...groups.map(groupName)];
    }
    case Command.CloseUid:
      return oneUid(decodeMap(head));
    default:
      return NO_NAMES;
  }
}

function oneUid(body: BodyMap): readonly string[] {
  const uid = textField(body, "uid");
  return uid === undefined ? NO_NAMES : [uidName(uid)];
}
