/**
 * What is inside WebSocket messages: nothing but the message, Socket.IO's packets, or
 * frames of `gatewayworker.v1`.
 */
export interface Dialect {
  /** Path and query of the upgrade request. */
  readonly target: string;
  /** The sub-protocol that is offered; none if left out. */
  readonly protocol?: string;
  /** Whether messages that came are counted, and the server told how many. */
  readonly isCounted?: boolean;
  /** Text before each message. */
  readonly before: string;
  /** Text behind each message. */
  readonly after: string;
  /** Says hello after the upgrade. */
  greet(talk: Talk): Promise<void>;
}

/** A conversation in short text messages, before the load begins. */
export interface Talk {
  /** Sends a message. */
  say(text: string): Promise<void>;
  /** Waits for the next message. */
  hear(): Promise<string>;
}

/** The name of a {@linkcode Dialect}. */
export type DialectName = keyof typeof DIALECTS;

/** All dialects by name. */
export const DIALECTS = {
  ws: { target: "/", before: "", after: "", greet: () => Promise.resolve() },
  "socket.io": {
    target: "/socket.io/?EIO=4&transport=websocket",
    before: '42["m","',
    after: '"]',
    async greet({ say, hear }) {
      await expectStart(hear, "0{");
      await say("40");
      await expectStart(hear, "40{");
    },
  },
  lasting: {
    target: "/",
    protocol: "gatewayworker.v1",
    isCounted: true,
    before: "m",
    after: "",
    async greet({ say, hear }) {
      await say('h{"t":"","r":0}');
      await expectStart(hear, 'w{"resumed":false');
    },
  },
} as const satisfies Record<string, Dialect>;

async function expectStart(
  hear: () => Promise<string>,
  start: string,
): Promise<void> {
  const text = await hear();
  if (!text.startsWith(start)) {
    throw new TypeError(
      `Cannot start client as "${start}" must come: "${text.slice(0, 40)}"`,
    );
  }
}
