import type {
  FarEnd,
  VirtualNetwork,
  VirtualSocket,
  VirtualTime,
} from "./_virtual_world.ts";

/** A counted frame that a client may have to be sent again. */
interface RingFrame {
  /** Its number, the last of them for a gap. */
  readonly last: number;
  /** How many numbers it stands for. */
  readonly count: number;
  readonly frame: string;
}

/** A session as the model's gateway has it. */
export class ModelSession {
  readonly id: number;
  /** Shown by the client at its last return; good until `issued` is shown. */
  shown = "";
  issued = "";
  /** Counted frames sent, or dropped. */
  sent = 0;
  /** Counted frames of the client. */
  received = 0;
  /** Those of them that a worker has handled. */
  handled = 0;
  ring: RingFrame[] = [];
  socket: VirtualSocket | undefined;
  away: unknown;
  isOver = false;
  /** The numbers of frames that were dropped on the way to the client. */
  readonly dropped = new Set<number>();
  /** The numbers of its messages. */
  readonly messages: number[] = [];
  /** Requests of this client that are to be answered. */
  readonly asked = new Set<string>();

  constructor(id: number) {
    this.id = id;
  }
}

/** Milliseconds that a session outlives its socket, and between two pings. */
const [WINDOW, PING] = [60_000, 10_000];

/**
 * The gateway's end of `gatewayworker.v1` in virtual time: rings, takeovers, tokens
 * that are good until the next one is shown, gaps, pings. It remembers the truth, so
 * that what a client claims can be judged.
 */
export class ModelGateway {
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #ring: number;
  readonly #byToken = new Map<string, ModelSession>();
  readonly sessions = new Set<ModelSession>();
  /** Every message that a worker handled, in the order they were. */
  readonly handled: string[] = [];
  /** Answers to what this gateway asked: its id and the answer's frame. */
  readonly answers: [id: string, frame: string][] = [];
  /** What happened how often. */
  readonly counts = {
    hellos: 0,
    resumes: 0,
    takeovers: 0,
    fresh: 0,
    gaps: 0,
    missed: 0,
  };
  #tokens = 0;
  #ids = 0;
  #asks = 0;

  /** @param ring How many frames a ring holds. */
  constructor(network: VirtualNetwork, ring: number) {
    this.#time = network.time;
    this.#random = network.random;
    this.#ring = ring;
    network.accept = (socket) => this.#accept(socket);
  }

  /** Sends a message of which its session and number can be told. */
  message(session: ModelSession): void {
    session.messages.push(session.sent + 1);
    this.#send(session, `m${session.id}:${session.sent + 1}`);
  }

  /** Asks a client for the id of the request. */
  ask(session: ModelSession): void {
    const id = `.${++this.#asks}`;
    this.#send(session, `q${id} ask\n"${id}"`);
  }

  /** Drops the next so many frames to a client, as it did not keep up. */
  drop(session: ModelSession, count: number): void {
    for (let i = 1; i <= count; i++) session.dropped.add(session.sent + i);
    session.sent += count;
    this.#keep(session, { last: session.sent, count, frame: `g${count}` });
  }

  /** Wants a client to connect anew. */
  move(session: ModelSession, after: number): void {
    session.socket?.tell(`x{"after":${after}}`);
  }

  /** The process dies: nobody is told anything but by the network. */
  crash(): void {
    for (const session of this.sessions) session.isOver = true;
    this.sessions.clear();
    this.#byToken.clear();
  }

  /** A session ends without its client. */
  expire(session: ModelSession): void {
    session.isOver = true;
    this.sessions.delete(session);
    session.socket?.end(4012);
    session.socket = undefined;
    for (const token of [session.shown, session.issued]) {
      this.#byToken.delete(token);
    }
  }

  #accept(socket: VirtualSocket): FarEnd {
    let session: ModelSession | undefined;
    return {
      onData: (data) => {
        const frame = data as string;
        if (session) {
          if (session.socket === socket) this.#onFrame(session, frame);
        } else session = this.#onHello(socket, JSON.parse(frame.slice(1)));
      },
      onEnd: () => {
        if (session?.socket === socket) this.#onAway(session);
      },
    };
  }

  #onHello(
    socket: VirtualSocket,
    { t, r }: { t: string; r: number },
  ): ModelSession {
    this.counts.hellos++;
    const known = this.#byToken.get(t);
    if (known && r <= known.sent) {
      this.#show(known, t);
      return this.#resume(known, socket, r);
    }
    if (known) this.expire(known);
    const session = new ModelSession(++this.#ids);
    this.sessions.add(session);
    this.counts.fresh++;
    this.#welcome(session, socket, {
      resumed: false,
      reason: t === "" ? "new" : "lost",
      gap: 0,
    });
    this.#ping(session, socket);
    return session;
  }

  #resume(
    session: ModelSession,
    socket: VirtualSocket,
    r: number,
  ): ModelSession {
    this.counts.resumes++;
    if (session.socket) {
      this.counts.takeovers++;
      session.socket.end(4009);
    }
    const rest = session.ring.filter(({ last }) => last > r);
    const first = rest[0];
    const gap = (first ? first.last - first.count : session.sent) - r;
    if (gap > 0) this.counts.gaps++;
    this.counts.missed += gap;
    for (let i = 1; i <= gap; i++) session.dropped.add(r + i);
    this.#welcome(session, socket, { resumed: true, gap });
    socket.tell(`a${session.handled}`);
    for (const { frame } of rest) socket.tell(frame);
    this.#ping(session, socket);
    return session;
  }

  /** The one that is shown stays good until the one is that is issued now. */
  #show(session: ModelSession, token: string): void {
    const { shown, issued } = session;
    this.#byToken.delete(token === issued ? shown : issued);
    session.shown = token;
  }

  #welcome(
    session: ModelSession,
    socket: VirtualSocket,
    rest: { resumed: boolean; gap: number; reason?: string },
  ): void {
    this.#time.clearTimeout(session.away);
    session.socket = socket;
    session.issued = `token${++this.#tokens}`;
    this.#byToken.set(session.issued, session);
    socket.tell(`w${
      JSON.stringify({
        ...rest,
        t: session.issued,
        id: `s${session.id}`,
        in: session.received,
        ping: PING,
        spread: 0,
        window: WINDOW,
      })
    }`);
  }

  #onAway(session: ModelSession): void {
    session.socket = undefined;
    session.away = this.#time.setTimeout(() => this.expire(session), WINDOW);
  }

  #onFrame(session: ModelSession, frame: string): void {
    const [letter = "", rest] = [frame[0], frame.slice(1)];
    if (letter === "a") {
      session.ring = session.ring.filter(({ last }) => last > Number(rest));
    } else if (letter === "p") {
      if (Number(rest) !== session.received) this.#refuse(session);
      else session.socket?.tell(`p${session.sent}`);
    } else if (letter === "b") this.expire(session);
    else {
      session.received++;
      this.#handle(session, letter, rest);
    }
  }

  #refuse(session: ModelSession): void {
    session.socket?.end(4012);
    this.#onAway(session);
  }

  /** A worker has it a while later, in order. */
  #handle(session: ModelSession, letter: string, rest: string): void {
    const number = session.received;
    const [id = "", name] = rest.split("\n", 1)[0]?.split(" ") ?? [];
    if (letter === "q") session.asked.add(id);
    if (letter === "k") session.asked.delete(id);
    this.#time.setTimeout(() => {
      if (session.isOver) return;
      session.handled = Math.max(session.handled, number);
      if (letter === "m") this.handled.push(rest);
      else if (letter === "r" || letter === "e") this.answers.push([id, rest]);
      else if (letter === "q") this.#answer(session, id, name ?? "", rest);
      session.socket?.tell(`a${number}`);
    }, 40);
  }

  #answer(session: ModelSession, id: string, name: string, rest: string): void {
    if (name === "never") return;
    const body = rest.slice(rest.indexOf("\n") + 1);
    this.#time.setTimeout(() => {
      if (session.isOver || !session.asked.delete(id)) return;
      this.#send(session, `r${id}\n${body}`);
    }, this.#random() * 200);
  }

  #send(session: ModelSession, frame: string): void {
    if (session.isOver) return;
    session.sent++;
    this.#keep(session, { last: session.sent, count: 1, frame });
  }

  #keep(session: ModelSession, frame: RingFrame): void {
    session.ring.push(frame);
    if (session.ring.length > this.#ring) session.ring.shift();
    session.socket?.tell(frame.frame);
  }

  #ping(session: ModelSession, socket: VirtualSocket): void {
    this.#time.setTimeout(() => {
      if (session.socket !== socket) return;
      socket.tell(`p${session.sent}`);
      this.#ping(session, socket);
    }, PING);
  }
}
