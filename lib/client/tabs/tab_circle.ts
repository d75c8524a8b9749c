import type { Environment } from "../environment.ts";
import { Timers } from "../timers.ts";
import type { Lead } from "./lead.ts";
import type { LeadMessage, TabMessage } from "./tab_messages.ts";
import type { TabChannel, TabWorld } from "./tab_world.ts";

/** Milliseconds that a tab waits for the last words of the one that led. */
const LAST_WORDS = 300;

/** What a tab has to do with the others. */
export interface TabCircleParts {
  /** What the channel and the locks of these tabs are called. */
  readonly name: string;
  /** What this one is called. */
  readonly tab: string;
  readonly environment: Environment;
  readonly world: TabWorld;
  /** Begins to lead. */
  readonly lead: (ways: LeadWays) => Lead;
  /** Whoever leads says something. */
  readonly onLead: (message: LeadMessage) => void;
}

/** What whoever leads can do with the others. */
export interface LeadWays {
  /** Tells all tabs, this one included. */
  readonly tell: (message: LeadMessage) => void;
  /** Notices that a tab is gone; returns what stops that. */
  readonly watch: (tab: string, onGone: () => void) => () => void;
}

/**
 * The tabs that share a connection, as one of them sees it: which one leads is decided
 * by a lock, which a browser frees when its tab is gone. One that is frozen gives it up.
 */
export class TabCircle {
  readonly #parts: TabCircleParts;
  readonly #timers: Timers;
  #lead: Lead | undefined;
  /** Whether whoever led has said that it does no more. */
  #isLeft = true;
  #channel: TabChannel | undefined;
  #absent = () => {};
  #yield: (() => void) | undefined;

  /** Is in no circle yet. */
  constructor(parts: TabCircleParts) {
    this.#parts = parts;
    this.#timers = new Timers(parts.environment);
  }

  /** Whether this tab leads. */
  get leads(): boolean {
    return this.#lead !== undefined;
  }

  /** Comes in. */
  enter(): void {
    const { name, tab, world, onLead } = this.#parts;
    const channel = this.#channel = world.openChannel(name);
    channel.onmessage = ({ data }) => {
      if (isOfTab(data)) this.#lead?.take(data);
      else if (!this.#lead) {
        if (data.kind === "lead") this.#isLeft = false;
        if (data.kind === "leave") this.#onLeft();
        onLead(data);
      }
    };
    // Who has this lock is there, whatever it says.
    this.#absent = this.#hold(tab, () => this.say({ kind: "join", tab }));
    this.contend();
  }

  /** Leads as soon as nobody else does. */
  contend(): void {
    if (!this.#channel) return;
    this.#yield ??= this.#hold("lead", () => {
      if (this.#isLeft) this.#takeOver();
      else this.#timers.set("words", LAST_WORDS, () => this.#takeOver());
    });
  }

  /** Tells whoever leads; if nobody does, the next one asks for what it missed. */
  say(message: TabMessage): void {
    if (this.#lead) this.#lead.take(message);
    else this.#channel?.postMessage(message);
  }

  /** Lets another tab lead. */
  stepDown(): void {
    const lead = this.#lead;
    // Where there are others, one may lead and leave before this tab hears of it.
    if (lead) this.#isLeft = lead.isAlone;
    lead?.leave();
    this.#lead = undefined;
    this.#timers.clear("words");
    this.#yield?.();
    this.#yield = undefined;
  }

  /** Goes; if no other tab is there and this one does not return, the session ends. */
  leave(mayReturn: boolean): void {
    if (this.#lead?.isAlone && !mayReturn) this.#lead.finish();
    else if (!this.#lead) this.say({ kind: "bye", tab: this.#parts.tab });
    this.stepDown();
    this.#absent();
    this.#channel?.close();
    this.#channel = undefined;
  }

  #onLeft(): void {
    this.#isLeft = true;
    if (this.#timers.has("words")) this.#takeOver();
  }

  #takeOver(): void {
    this.#timers.clear("words");
    this.#lead = this.#parts.lead({
      tell: (message) => {
        this.#channel?.postMessage(message);
        this.#parts.onLead(message);
      },
      watch: (tab, onGone) => this.#hold(tab, onGone),
    });
    this.#lead.begin();
  }

  /** Takes a lock as soon as it is free; returns what gives it back, or wants it no more. */
  #hold(what: string, onHeld: () => void): () => void {
    const { world, name } = this.#parts;
    const over = new AbortController();
    const { signal } = over;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve());
    let isHeld = false;
    world.locks.request(`${name} ${what}`, { signal }, () => {
      isHeld = true;
      if (!signal.aborted) onHeld();
      return promise;
    }).catch((error) => {
      if (isHeld) throw error;
      // Where a page may have no locks, it is alone.
      if (!signal.aborted) onHeld();
    });
    return () => over.abort();
  }
}

function isOfTab(message: TabMessage | LeadMessage): message is TabMessage {
  return /^(join|hello|post|wake|bye)$/.test(message.kind);
}
