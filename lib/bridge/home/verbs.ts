/**
 * Which cells may do what here.
 *
 * @module
 */
import { isCellName } from "../../wire/bodies/client_id.ts";
import { Command } from "../../wire/command.ts";

/** What a command of another cell does, as far as it may be refused. */
export const VERBS = ["send", "close", "session", "all", "query"] as const;

/** One of {@linkcode VERBS}. */
export type Verb = typeof VERBS[number];

/** Who may do each; a verb that is absent is open to every cell. */
export type Accepted = ReadonlyMap<Verb, ReadonlySet<string>>;

/** Stands for every cell. */
const EVERY = "*";

/**
 * Reads who may do what.
 *
 * @param texts Such as `close=eu+us`, `session=`, `all=*`.
 * @throws {TypeError} If one is none.
 */
export function parseAccepted(texts: readonly string[]): Accepted {
  const accepted = new Map<Verb, ReadonlySet<string>>();
  for (const text of texts) {
    const at = text.indexOf("=");
    const verb = VERBS.find((each) => each === text.slice(0, at));
    const cells = text.slice(at + 1).split("+").filter((cell) => cell !== "");
    const areCells = cells.every((cell) => cell === EVERY || isCellName(cell));
    if (verb === undefined || !areCells) {
      throw new TypeError(
        `Cannot use acceptFromCells as each must be a verb (${
          VERBS.join(", ")
        }), = and cells with + between: found ${JSON.stringify(text)}`,
      );
    }
    if (cells.includes(EVERY)) accepted.delete(verb);
    else accepted.set(verb, new Set(cells));
  }
  return accepted;
}

/** Whether a cell may do what a command does. */
export function accepts(
  accepted: Accepted,
  cell: string,
  command: number,
  isListed: boolean,
): boolean {
  const verb = verbOf(command, isListed);
  return accepted.get(verb)?.has(cell) ?? true;
}

function verbOf(command: number, isListed: boolean): Verb {
  switch (command) {
    case Command.SendToAll:
      return isListed ? "send" : "all";
    case Command.SendToOne:
    case Command.SendToUid:
    case Command.SendToGroup:
    case Command.Ask:
      return "send";
    case Command.CloseClient:
    case Command.CloseUid:
    case Command.DestroyClient:
    case Command.ReplaceUid:
      return "close";
    case Command.IsOnline:
    case Command.CountClients:
    case Command.SelectNames:
    case Command.SelectClients:
    case Command.ListConnections:
      return "query";
    default:
      return "session";
  }
}
