/**
 * Says from a journal alone whether the promises were kept. It knows nothing of how
 * they are kept. Pure: no clock, no I/O.
 *
 * @module
 */
import { ConnectionHistory } from "./connection_history.ts";
import { EventChecks, say } from "./event_checks.ts";
import { Fates } from "./fates.ts";
import { FinalChecks } from "./final_checks.ts";
import { Findings } from "./findings.ts";
import type {
  BeginRecord,
  DialRecord,
  EndedRecord,
  EndRecord,
  HeardRecord,
  JournalRecord,
  OpenRecord,
} from "./journal.ts";
import { indexOf, readAnswer, type ReadText } from "./script.ts";
import { Tally } from "./tally.ts";
import { TellingChecks } from "./telling_checks.ts";

/** Takes the records of a journal in order; {@linkcode Checker.finish} judges the whole. */
export class Checker {
  readonly #fates = new Fates();
  readonly #connections = new Map<string, ConnectionHistory>();
  readonly #names = new Map<string, string>();
  #at = 0;
  /** What was found. */
  readonly findings: Findings = new Findings();
  /** What was seen. */
  readonly tally: Tally = new Tally();
  readonly #events = new EventChecks(this.#fates, this.findings, this.tally);
  readonly #tellings = new TellingChecks(
    this.#fates,
    this.findings,
    this.tally,
  );

  /** Connections whose connect event was handled and whose close event was not. */
  get unclosed(): number {
    let count = 0;
    for (const { connect, close } of this.#connections.values()) {
      if (connect.begun > 0 && close.doneAt < 0) count++;
    }
    return count;
  }

  /** Takes the next record. */
  take(record: JournalRecord): void {
    this.#at++;
    switch (record.kind) {
      case "begin":
        return this.#begin(record);
      case "end":
        return this.#end(record);
      case "dial":
        return this.#dial(record);
      case "open":
        return this.#open(record);
      case "heard":
        return this.#hear(record);
      case "ended":
        return this.#ended(record);
      case "mark":
        return this.#fates.take(record);
      default:
        record satisfies never;
    }
  }

  /** Judges what can be judged only when all is over. */
  finish(): void {
    const checks = new FinalChecks(this.#fates, this.findings);
    for (const connection of this.#connections.values()) {
      this.tally.handled += connection.handled.size;
      this.tally.answers += connection.answered.size;
      checks.check(connection);
    }
    this.#tellings.finish(this.#connections.values());
  }

  #connection(name: string): ConnectionHistory {
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      connection = new ConnectionHistory(name);
      this.#connections.set(name, connection);
    }
    return connection;
  }

  #dial({ name, gateway }: DialRecord): void {
    const connection = this.#connection(name);
    connection.gateway = `g${gateway}`;
    connection.gatewayLife = this.#fates.lifeOf(connection.gateway);
  }

  #open({ name }: OpenRecord): void {
    const connection = this.#connection(name);
    connection.isOpen = true;
    connection.gatewayLife = this.#fates.lifeOf(connection.gateway);
    this.tally.connections++;
  }

  #begin(record: BeginRecord): void {
    const { type, clientId } = record;
    const name = this.#names.get(clientId) ?? record.name;
    const connection = this.#connection(name);
    if (type === "connect") {
      this.#names.set(clientId, name);
      connection.clientId = clientId;
    }
    if (connection.clientId !== clientId) {
      const detail = `told as ${clientId}: ${say(record)}`;
      this.findings.report("stray", name, detail);
    }
    this.#events.begin(connection, record);
    this.#tellings.begin(connection, record, this.#at);
  }

  #end(record: EndRecord): void {
    const name = this.#names.get(record.clientId);
    if (name === undefined) return;
    this.#events.end(this.#connection(name), record, this.#at);
    this.#tellings.end(record);
  }

  #hear({ name, texts }: HeardRecord): void {
    const connection = this.#connection(name);
    for (const text of texts) {
      const answer = readAnswer(text);
      if (answer.kind !== "r") connection.heard.add(text);
      else if (answer.name === name) this.#hearAnswer(connection, answer);
      else this.#hearStray(connection, answer);
    }
  }

  #hearAnswer(connection: ConnectionHistory, { number }: ReadText): void {
    const { name, answered, lastAnswered } = connection;
    if (answered.has(number)) return;
    answered.add(number);
    connection.lastAnswered = Math.max(lastAnswered, number);
    if (number > lastAnswered) return;
    const detail = `heard that to ${number} after that to ${lastAnswered}`;
    this.findings.report("answer", name, detail);
  }

  #hearStray(connection: ConnectionHistory, { name }: ReadText): void {
    // By the uid a late answer reaches a client's next connection too.
    if (indexOf(name) === connection.index) return;
    const detail = `heard the answer to ${name}`;
    this.findings.report("stray", connection.name, detail);
  }

  #ended(record: EndedRecord): void {
    const { how, code, name, sent } = record;
    const connection = this.#connection(name);
    connection.ended = record;
    this.tally.sent += sent;
    if (how === "left" || how === "stayed") return;
    const { gatewayLife } = connection;
    const isStopped = this.#fates.isStopped(gatewayLife);
    const isAllowed = this.#fates.isKilled(gatewayLife) ||
      how === "closed" && code === 1001 && isStopped ||
      how === "refused" && isStopped;
    if (isAllowed) this.tally.disconnects++;
    else this.findings.report("disconnect", name, `${how}, code ${code}`);
  }
}
