/**
 * Says from a journal alone whether the promises were kept. It knows nothing of how
 * they are kept. Pure: no clock, no I/O.
 *
 * @module
 */
import { ConnectionHistory, type Occurrence } from "./connection_history.ts";
import { Fates } from "./fates.ts";
import type { Finding, Rule } from "./finding.ts";
import type {
  BeginRecord,
  DialRecord,
  EndedRecord,
  EndRecord,
  HeardRecord,
  JournalRecord,
  OpenRecord,
} from "./journal.ts";
import {
  answerText,
  groupOf,
  partnerOf,
  readAnswer,
  taskOf,
} from "./script.ts";

/** Most findings that are kept in detail; the others are counted. */
const MAX_FINDINGS = 1_000;

/** What was seen, in numbers. */
export interface Tally {
  /** Connections that were let in. */
  connections: number;
  /** Messages that clients sent. */
  sent: number;
  /** Messages that were handled, each counted once. */
  handled: number;
  /** Events that were begun again, marked. */
  repeats: number;
  /** Events that a worker handled which had been given up, with others long past them. */
  late: number;
  /** Answers that clients heard, each counted once. */
  answers: number;
  /** Messages told to partners and groups that had to arrive, one for each that had to hear. */
  told: number;
  /** Disconnects that are allowed. */
  disconnects: number;
}

/** Takes the records of a journal in order; {@linkcode Checker.finish} judges the whole. */
export class Checker {
  readonly #fates = new Fates();
  readonly #connections = new Map<string, ConnectionHistory>();
  readonly #names = new Map<string, string>();
  readonly #eventIds = new Map<string, string>();
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<Rule, number>();
  #at = 0;
  /** What was seen so far. */
  readonly tally: Tally = {
    connections: 0,
    sent: 0,
    handled: 0,
    repeats: 0,
    late: 0,
    answers: 0,
    told: 0,
    disconnects: 0,
  };

  /** The violations found so far, the first {@linkcode MAX_FINDINGS} of them. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** How often each rule was violated. */
  get counts(): ReadonlyMap<Rule, number> {
    return this.#counts;
  }

  /** Connections whose connect event was handled and whose close event was not. */
  get unclosed(): number {
    let count = 0;
    for (const { connect, close } of this.#connections.values()) {
      if (connect.begun > 0 && close.doneAt < 0) count++;
    }
    return count;
  }

  /** Adds a violation that somebody else found. */
  report(rule: Rule, who: string, detail: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    if (this.#findings.length >= MAX_FINDINGS) return;
    this.#findings.push({ rule, who, detail });
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
    for (const connection of this.#connections.values()) {
      this.tally.handled += connection.handled.size;
      this.tally.answers += connection.answered.size;
      this.#finishConnection(connection);
    }
    this.#finishTold();
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
    this.#checkId(connection, record);
    if (type === "connect") {
      this.#names.set(clientId, name);
      connection.clientId = clientId;
    }
    if (clientId !== connection.clientId) {
      this.report("stray", name, `told as ${clientId}: ${say(record)}`);
    }
    const isLate = this.#isLate(connection, record);
    if (!isLate) this.#checkOverlap(connection, record);
    if (record.redelivered) this.tally.repeats++;
    if (type === "message") this.#beginMessage(connection, record, isLate);
    else this.#beginOnce(connection, connection[type], record, isLate);
    connection.running.set(record.eventId, record.worker);
  }

  /** An event that a worker handles which was given up, while another one went on. */
  #isLate(connection: ConnectionHistory, record: BeginRecord): boolean {
    if (record.redelivered || !this.#fates.isLost(record.worker)) return false;
    if (record.type === "message") {
      return connection.ids[record.number] !== undefined;
    }
    return connection[record.type].begun > 0;
  }

  #checkId({ name }: ConnectionHistory, record: BeginRecord): void {
    const what = `${name} ${record.type} ${record.number}`;
    const known = this.#eventIds.get(record.eventId);
    if (known === undefined) this.#eventIds.set(record.eventId, what);
    else if (known !== what) {
      this.report("id", name, `${record.eventId} is ${known} and ${what}`);
    }
  }

  #checkOverlap(connection: ConnectionHistory, record: BeginRecord): void {
    for (const [eventId, worker] of connection.running) {
      if (this.#fates.isLost(worker)) continue;
      this.report(
        "overlap",
        connection.name,
        `${say(record)} while ${eventId} runs on worker ${worker}`,
      );
    }
  }

  #beginOnce(
    connection: ConnectionHistory,
    occurrence: Occurrence,
    record: BeginRecord,
    isLate: boolean,
  ): void {
    const { name } = connection;
    occurrence.begun++;
    if (isLate) {
      this.tally.late++;
      return;
    }
    if (!record.redelivered) occurrence.unmarked++;
    if (occurrence.begun > 1) this.#checkRepeat(connection, record);
    if (occurrence.id !== "" && occurrence.id !== record.eventId) {
      this.report("id", name, `${say(record)}, before it was ${occurrence.id}`);
    }
    occurrence.id = record.eventId;
    if (record.type === "connect" && connection.position > 0) {
      this.#checkLost(connection, record);
    }
    if (record.type === "close" && record.seen >= 0) {
      this.#checkClosingSession(connection, record);
    }
    connection.owner = record.worker;
  }

  #beginMessage(
    connection: ConnectionHistory,
    record: BeginRecord,
    isLate: boolean,
  ): void {
    const { name } = connection;
    const { number, worker, eventId } = record;
    if (isLate) {
      this.tally.late++;
      return;
    }
    if (connection.close.begun > 0 || connection.connect.begun === 0) {
      this.#checkPlace(connection, record);
    }
    const known = connection.ids[number];
    if (known !== undefined) {
      if (known !== eventId) {
        this.report("id", name, `${say(record)}, before it was ${known}`);
      }
      this.#checkRepeat(connection, record);
    }
    if (number <= connection.position) this.#checkLost(connection, record);
    else if (number !== connection.position + 1) {
      this.report(
        "order",
        name,
        `${say(record)} comes after ${connection.position}`,
      );
    }
    this.#checkSession(connection, record);
    connection.ids[number] = eventId;
    connection.position = number;
    connection.owner = worker;
    connection.high = Math.max(connection.high, number);
    this.#expectTold(connection, record);
  }

  /** A message before the connect event, or after the close event. */
  #checkPlace(connection: ConnectionHistory, record: BeginRecord): void {
    const isAfter = connection.close.begun > 0;
    if (isAfter && this.#fates.isLost(connection.owner)) return;
    this.report(
      "order",
      connection.name,
      `${say(record)} comes ${isAfter ? "after close" : "before connect"}`,
    );
  }

  #checkRepeat({ name }: ConnectionHistory, record: BeginRecord): void {
    if (!record.redelivered) this.report("unmarked", name, say(record));
  }

  /** Going back is right only if the worker that had come so far was lost. */
  #checkLost(connection: ConnectionHistory, record: BeginRecord): void {
    if (this.#fates.isLost(connection.owner)) return;
    this.report(
      "needless",
      connection.name,
      `${
        say(record)
      } goes back from ${connection.position}, which worker ${connection.owner} had`,
    );
  }

  #checkSession(connection: ConnectionHistory, record: BeginRecord): void {
    const { number, seen, redelivered, worker } = record;
    if (seen < 0 || this.#isUnsure(connection, worker)) return;
    const isRight = redelivered ? seen >= number - 1 : seen === number - 1;
    if (isRight) return;
    this.report("session", connection.name, `${say(record)} found ${seen}`);
  }

  #checkClosingSession(
    connection: ConnectionHistory,
    record: BeginRecord,
  ): void {
    if (this.#isUnsure(connection, record.worker)) return;
    if (record.seen === connection.position) return;
    this.report(
      "session",
      connection.name,
      `${say(record)} found ${record.seen}, last was ${connection.position}`,
    );
  }

  #isUnsure(connection: ConnectionHistory, worker: number): boolean {
    return this.#fates.isDisturbed(`w${worker}`) ||
      this.#fates.isDisturbed(`w${connection.owner}`);
  }

  #expectTold(connection: ConnectionHistory, record: BeginRecord): void {
    const { number, worker } = record;
    if (taskOf(connection.name, number).tell === "nobody") return;
    const isSure = !this.#fates.isDisturbed(`w${worker}`);
    connection.told.set(number, { number, at: this.#at, worker, isSure });
  }

  #end({ eventId, clientId, worker, error }: EndRecord): void {
    const name = this.#names.get(clientId);
    if (name === undefined) return;
    const connection = this.#connection(name);
    if (connection.running.get(eventId) === worker) {
      connection.running.delete(eventId);
    }
    if (error !== "") this.#fail(connection, eventId, worker, error);
    if (eventId === connection.connect.id) this.#done(connection.connect);
    else if (eventId === connection.close.id) this.#done(connection.close);
    else {
      const number = connection.ids.indexOf(eventId);
      if (number < 0) return;
      connection.handled.add(number);
      if (error !== "") connection.failed.add(number);
      const told = connection.told.get(number);
      if (told === undefined) return;
      if (error !== "" || this.#fates.isDisturbed(`w${worker}`)) {
        told.isSure = false;
      }
    }
  }

  #done(occurrence: Occurrence): void {
    if (occurrence.doneAt < 0) occurrence.doneAt = this.#at;
  }

  #fail(
    { name, gateway, gatewayLife }: ConnectionHistory,
    eventId: string,
    worker: number,
    error: string,
  ): void {
    const isExcused = this.#fates.isLost(worker) ||
      this.#fates.isKilled(gatewayLife) || this.#fates.isStopped(gatewayLife) ||
      this.#fates.isDisturbed(gateway);
    if (isExcused) return;
    this.report("error", name, `${eventId} on worker ${worker}: ${error}`);
  }

  #hear({ name, texts }: HeardRecord): void {
    const connection = this.#connection(name);
    for (const text of texts) {
      const heard = readAnswer(text);
      if (heard.kind === "r") this.#hearAnswer(connection, heard);
      else connection.heard.add(text);
    }
  }

  #hearAnswer(
    connection: ConnectionHistory,
    { name, number }: { name: string; number: number },
  ): void {
    if (name !== connection.name) {
      // By the uid an answer reaches a client's next connection too, if it is late.
      const index = this.#connection(name).index;
      if (index === connection.index) return;
      this.report("stray", connection.name, `heard the answer to ${name}`);
      return;
    }
    if (connection.answered.has(number)) return;
    if (number < connection.lastAnswered) {
      this.report(
        "answer",
        name,
        `heard the answer to ${number} after that to ${connection.lastAnswered}`,
      );
    }
    connection.lastAnswered = Math.max(connection.lastAnswered, number);
    connection.answered.add(number);
  }

  #ended(record: EndedRecord): void {
    const connection = this.#connection(record.name);
    connection.ended = record;
    this.tally.sent += record.sent;
    const { how, code, name } = record;
    if (how === "left" || how === "stayed") return;
    const { gatewayLife } = connection;
    const isStopped = this.#fates.isStopped(gatewayLife);
    const isAllowed = this.#fates.isKilled(gatewayLife) ||
      how === "closed" && code === 1001 && isStopped ||
      how === "refused" && isStopped;
    if (isAllowed) {
      this.tally.disconnects++;
      return;
    }
    this.report("disconnect", name, `${how}, code ${code}`);
  }

  #finishConnection(connection: ConnectionHistory): void {
    const { name, ended, isOpen } = connection;
    if (!isOpen) return;
    if (ended === undefined) {
      this.report("stuck", name, "the connection did not end");
      return;
    }
    if (connection.hasLived) this.#finishLived(connection, ended);
    this.#finishOnce(connection, "connect");
    this.#finishOnce(connection, "close");
  }

  #finishLived(connection: ConnectionHistory, ended: EndedRecord): void {
    const { name, handled, answered, failed } = connection;
    for (let number = 1; number <= ended.sent; number++) {
      if (!handled.has(number)) {
        this.report("lost", name, `message ${number} of ${ended.sent}`);
      } else if (
        ended.how === "stayed" && !answered.has(number) && !failed.has(number)
      ) {
        this.report("answer", name, `none to message ${number}`);
      }
    }
  }

  #finishOnce(
    connection: ConnectionHistory,
    type: "connect" | "close",
  ): void {
    const { name, hasLived, gatewayLife } = connection;
    const { unmarked, begun, doneAt } = connection[type];
    const mayBeMissing = !hasLived && this.#fates.isKilled(gatewayLife) &&
      (type === "connect" || connection.connect.doneAt < 0);
    if (begun === 0 && mayBeMissing) return;
    if (begun > 0 && doneAt >= 0 && unmarked <= 1) return;
    this.report(
      type,
      name,
      `begun ${begun} times, ${unmarked} of them not marked, ${
        doneAt < 0 ? "never" : "once"
      } done`,
    );
  }

  #finishTold(): void {
    const stayed = [...this.#connections.values()].filter(({ ended }) =>
      ended?.how === "stayed"
    );
    const byIndex = Map.groupBy(stayed, ({ index }) => index);
    const byGroup = Map.groupBy(stayed, ({ index }) => groupOf(index));
    for (const connection of this.#connections.values()) {
      const partners = byIndex.get(partnerOf(connection.index)) ?? [];
      const group = byGroup.get(groupOf(connection.index)) ?? [];
      this.#finishTelling(connection, partners, group);
    }
  }

  #finishTelling(
    { name, told }: ConnectionHistory,
    partners: readonly ConnectionHistory[],
    group: readonly ConnectionHistory[],
  ): void {
    for (const { number, at, worker, isSure } of told.values()) {
      if (!isSure) continue;
      const toGroup = taskOf(name, number).tell === "group";
      const text = answerText(toGroup ? "g" : "p", name, number);
      for (const other of toGroup ? group : partners) {
        const isThere = other.connect.doneAt >= 0 && other.connect.doneAt < at;
        if (!isThere) continue;
        this.tally.told++;
        if (other.heard.has(text)) continue;
        this.report(
          "told",
          other.name,
          `did not hear "${text}" of worker ${worker}`,
        );
      }
    }
  }
}

function say(record: BeginRecord): string {
  const { type, number, eventId, worker, redelivered } = record;
  const what = type === "message" ? `message ${number}` : type;
  const mark = redelivered ? ", redelivered" : "";
  return `${what} (${eventId}${mark}) on worker ${worker}`;
}
