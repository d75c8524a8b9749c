import { Pending } from "../../link/pending.ts";

/** Requests to another cell. Of a Present nobody wants a part, but whether it was heard. */
export class CellPending extends Pending {
  readonly #onUnconfirmed: () => void;

  /**
   * @param cell Which cell.
   * @param onUnconfirmed Told of each Present that was not answered.
   */
  constructor(cell: string, onUnconfirmed: () => void) {
    super(`cell ${cell}`);
    this.#onUnconfirmed = onUnconfirmed;
  }

  /** As {@linkcode Pending.add}. */
  override add(
    timeout: number,
    onPart?: (part: unknown) => void,
  ): { id: number; reply: Promise<unknown[]> } {
    const added = super.add(timeout, onPart);
    if (onPart === undefined) added.reply.catch(this.#onUnconfirmed);
    return added;
  }
}
