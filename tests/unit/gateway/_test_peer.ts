import { QueryTimeoutError } from "../../../lib/base/errors.ts";
import type { InterestedPeer } from "../../../lib/link/interest.ts";
import { Command } from "../../../lib/wire/command.ts";
import { Pending } from "../../../lib/link/pending.ts";

/** A peer that keeps what it is told, and confirms when it is told to. */
export class TestPeer implements InterestedPeer, Disposable {
  readonly #pending = new Pending("peer");
  readonly #ids: number[] = [];
  /** What it was told, such as "absent ga". */
  readonly told: string[] = [];
  /** The end of its link. */
  readonly link: InterestedPeer["link"] = {
    pending: this.#pending,
    send: (command: number, _id: number, number: number, name?: Uint8Array) => {
      const what = command === Command.Absent ? "absent" : "present";
      this.told.push(`${what} ${new TextDecoder().decode(name)}`);
      if (number !== 0) this.#ids.push(number);
    },
  };

  /** Confirms all that it heard. */
  confirm(): void {
    for (const id of this.#ids.splice(0)) this.#pending.take(id, null, "last");
  }

  /** Confirms none of it, for so long that nobody waits any longer. */
  timeOut(): void {
    for (const id of this.#ids.splice(0)) {
      this.#pending.fail(id, new QueryTimeoutError("peer", 1));
    }
  }

  [Symbol.dispose](): void {
    this.#pending.close();
  }
}
