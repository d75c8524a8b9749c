import type { ConnectionHistory } from "./connection_history.ts";
import type { Fates } from "./fates.ts";
import type { Findings } from "./findings.ts";
import type { EndedRecord } from "./journal.ts";

/** Judges what became of a connection, when all is over. */
export class FinalChecks {
  readonly #fates: Fates;
  readonly #findings: Findings;

  /** Creates the checks of one journal. */
  constructor(fates: Fates, findings: Findings) {
    this.#fates = fates;
    this.#findings = findings;
  }

  /** Judges one connection. */
  check(connection: ConnectionHistory): void {
    const { name, ended, isOpen } = connection;
    if (!isOpen) return;
    if (ended === undefined) {
      this.#findings.report("stuck", name, "the connection did not end");
      return;
    }
    if (this.#hasLived(connection)) {
      this.#checkHandled(connection, ended);
      if (ended.how === "stayed") this.#checkAnswered(connection);
    }
    this.#checkConnect(connection);
    this.#checkClose(connection);
  }

  /** Whether all that the client sent must have been taken and handled. */
  #hasLived({ ended, gatewayLife }: ConnectionHistory): boolean {
    return (ended?.how === "left" || ended?.how === "stayed") &&
      !this.#fates.isKilled(gatewayLife);
  }

  #checkHandled(
    { name, handled }: ConnectionHistory,
    { sent }: EndedRecord,
  ): void {
    for (let number = 1; number <= sent; number++) {
      if (handled.has(number)) continue;
      this.#findings.report("lost", name, `message ${number} of ${sent}`);
    }
  }

  #checkAnswered(connection: ConnectionHistory): void {
    const { name, handled, answered, failed } = connection;
    for (const number of handled) {
      if (answered.has(number) || failed.has(number)) continue;
      this.#findings.report("answer", name, `none to message ${number}`);
    }
  }

  #checkConnect({ name, connect, gatewayLife }: ConnectionHistory): void {
    const { begun, unmarked, doneAt } = connect;
    if (doneAt >= 0 && unmarked <= 1) return;
    if (doneAt < 0 && this.#fates.isKilled(gatewayLife)) return;
    const detail = `${times(begun)}, ${unmarked} of them not marked`;
    this.#findings.report("connect", name, detail);
  }

  #checkClose({ name, connect, close, gatewayLife }: ConnectionHistory): void {
    const { begun, unmarked, doneAt } = close;
    if (doneAt >= 0 && unmarked <= 1) return;
    const isUnknown = connect.doneAt < 0 && this.#fates.isKilled(gatewayLife);
    if (begun === 0 && isUnknown) return;
    const detail = `${times(begun)}, ${unmarked} of them not marked`;
    this.#findings.report("close", name, detail);
  }
}

function times(begun: number): string {
  return begun === 1 ? "begun once" : `begun ${begun} times`;
}
