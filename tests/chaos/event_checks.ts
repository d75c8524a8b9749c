import type { ConnectionHistory, Occurrence } from "./connection_history.ts";
import type { Fates } from "./fates.ts";
import type { Findings } from "./findings.ts";
import type { BeginRecord, EndRecord } from "./journal.ts";
import type { Tally } from "./tally.ts";

/** Judges each event when its handler begins and when it ends. */
export class EventChecks {
  readonly #fates: Fates;
  readonly #findings: Findings;
  readonly #tally: Tally;
  readonly #eventIds = new Map<string, string>();

  /** Creates the checks of one journal. */
  constructor(fates: Fates, findings: Findings, tally: Tally) {
    this.#fates = fates;
    this.#findings = findings;
    this.#tally = tally;
  }

  /** A handler began. */
  begin(connection: ConnectionHistory, record: BeginRecord): void {
    const { type, eventId, worker, redelivered } = record;
    this.#checkId(connection, record);
    if (redelivered) this.#tally.repeats++;
    if (this.#isLate(connection, record)) this.#tally.late++;
    else {
      this.#checkOverlap(connection, record);
      if (type === "message") this.#beginMessage(connection, record);
      else this.#beginOnce(connection, connection[type], record);
      connection.owner = worker;
    }
    connection.running.set(eventId, worker);
  }

  /** A handler ended; `at` is the number of the record. */
  end(connection: ConnectionHistory, record: EndRecord, at: number): void {
    const { eventId, worker, error } = record;
    if (connection.running.get(eventId) === worker) {
      connection.running.delete(eventId);
    }
    if (error !== "") this.#checkError(connection, record);
    for (const once of [connection.connect, connection.close]) {
      if (once.id === eventId && once.doneAt < 0) once.doneAt = at;
    }
    const number = connection.ids.indexOf(eventId);
    if (number < 0) return;
    connection.handled.add(number);
    if (error !== "") connection.failed.add(number);
  }

  /** An event that a worker handles which was given up, while another one went on. */
  #isLate(connection: ConnectionHistory, record: BeginRecord): boolean {
    const { worker, redelivered, type, number } = record;
    if (!this.#fates.isLost(worker)) return false;
    const { owner } = connection;
    const hasLivingOwner = owner !== worker && !this.#fates.isLost(owner);
    if (redelivered && !hasLivingOwner) return false;
    return type === "message"
      ? connection.ids[number] !== undefined
      : connection[type].begun > 0;
  }

  #checkId({ name }: ConnectionHistory, record: BeginRecord): void {
    const what = `${name} ${record.type} ${record.number}`;
    const known = this.#eventIds.get(record.eventId);
    if (known === undefined) this.#eventIds.set(record.eventId, what);
    else if (known !== what) {
      const detail = `${record.eventId} is ${known} and ${what}`;
      this.#findings.report("id", name, detail);
    }
  }

  #checkOverlap(connection: ConnectionHistory, record: BeginRecord): void {
    for (const [eventId, worker] of connection.running) {
      if (this.#fates.isLost(worker)) continue;
      const detail = `${say(record)} while ${eventId} runs on worker ${worker}`;
      this.#findings.report("overlap", connection.name, detail);
    }
  }

  #beginOnce(
    connection: ConnectionHistory,
    once: Occurrence,
    record: BeginRecord,
  ): void {
    once.begun++;
    if (!record.redelivered) once.unmarked++;
    if (once.begun > 1) this.#checkRepeat(connection, record, once.id);
    once.id = record.eventId;
    if (record.type === "connect") {
      if (connection.position > 0) this.#checkLost(connection, record);
      // Told again from the beginning: what follows is in order from there.
      connection.position = 0;
      connection.isClosed = false;
      return;
    }
    connection.isClosed = true;
    this.#checkLastSession(connection, record);
  }

  #beginMessage(connection: ConnectionHistory, record: BeginRecord): void {
    const { name, position } = connection;
    const { number, eventId } = record;
    this.#checkPlace(connection, record);
    const known = connection.ids[number];
    if (known !== undefined) this.#checkRepeat(connection, record, known);
    if (number <= position) this.#checkLost(connection, record);
    else if (number !== position + 1) {
      const detail = `${say(record)} comes after ${position}`;
      this.#findings.report("order", name, detail);
    }
    this.#checkSession(connection, record);
    connection.ids[number] = eventId;
    connection.position = number;
  }

  /** A message before the connect event, or after the close event. */
  #checkPlace(connection: ConnectionHistory, record: BeginRecord): void {
    const { connect, owner, name } = connection;
    if (this.#fates.isLost(owner)) connection.isClosed = false;
    if (!connection.isClosed && connect.begun > 0) return;
    const place = connection.isClosed ? "after close" : "before connect";
    this.#findings.report("order", name, `${say(record)} comes ${place}`);
  }

  #checkRepeat(
    { name }: ConnectionHistory,
    record: BeginRecord,
    known: string,
  ): void {
    if (!record.redelivered) {
      this.#findings.report("unmarked", name, say(record));
    }
    if (record.eventId === known) return;
    this.#findings.report("id", name, `${say(record)}, before it was ${known}`);
  }

  /** Going back is right only if the worker that had come so far was lost. */
  #checkLost(
    { owner, name, position }: ConnectionHistory,
    record: BeginRecord,
  ): void {
    if (this.#fates.isLost(owner)) return;
    const detail = `${
      say(record)
    } goes back from ${position}, which worker ${owner} had`;
    this.#findings.report("needless", name, detail);
  }

  #checkSession(connection: ConnectionHistory, record: BeginRecord): void {
    const { number, seen, redelivered } = record;
    if (seen < 0 || this.#isUnsure(connection, record)) return;
    const isRight = redelivered ? seen >= number - 1 : seen === number - 1;
    if (isRight) return;
    const detail = `${say(record)} found ${seen}`;
    this.#findings.report("session", connection.name, detail);
  }

  #checkLastSession(connection: ConnectionHistory, record: BeginRecord): void {
    const { seen } = record;
    const { position, name } = connection;
    if (seen < 0 || seen === position) return;
    if (this.#isUnsure(connection, record)) return;
    const detail = `${say(record)} found ${seen}, last was ${position}`;
    this.#findings.report("session", name, detail);
  }

  #isUnsure({ owner }: ConnectionHistory, { worker }: BeginRecord): boolean {
    return this.#fates.isDisturbed(`w${worker}`) ||
      this.#fates.isDisturbed(`w${owner}`);
  }

  #checkError(
    { name, gateway, gatewayLife }: ConnectionHistory,
    { eventId, worker, error }: EndRecord,
  ): void {
    const isExcused = this.#fates.isLost(worker) ||
      this.#fates.isKilled(gatewayLife) || this.#fates.isStopped(gatewayLife) ||
      this.#fates.isDisturbed(gateway);
    if (isExcused) return;
    const detail = `${eventId} on worker ${worker}: ${error}`;
    this.#findings.report("error", name, detail);
  }
}

/** Says which event a handler began with. */
export function say(record: BeginRecord): string {
  const { type, number, eventId, worker, redelivered } = record;
  const what = type === "message" ? `message ${number}` : type;
  const mark = redelivered ? ", redelivered" : "";
  return `${what} (${eventId}${mark}) on worker ${worker}`;
}
