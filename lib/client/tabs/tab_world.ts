import type { LeadMessage, TabMessage } from "./tab_messages.ts";

/** As much of a `BroadcastChannel` as tabs use. */
export interface TabChannel {
  /** Called with what another tab says. */
  onmessage: ((event: { data: TabMessage | LeadMessage }) => void) | null;
  /** Tells all other tabs. */
  postMessage(message: TabMessage | LeadMessage): void;
  /** Hears and says nothing more. */
  close(): void;
}

/** What tabs of one origin have in common; tests give it another world. */
export interface TabWorld {
  /** Opens a channel by its name. */
  openChannel(name: string): TabChannel;
  /** As much of `navigator.locks` as tabs use. */
  readonly locks: {
    request(
      name: string,
      options: { signal: AbortSignal },
      held: () => Promise<void>,
    ): Promise<unknown>;
  };
}

/** What tabs have in common here; `undefined` where they have nothing. */
export function tabWorld(): TabWorld | undefined {
  const { BroadcastChannel: Channel, navigator } = globalThis;
  const { locks } = (navigator ?? {}) as { locks?: TabWorld["locks"] };
  if (!locks || !Channel) return undefined;
  return {
    locks,
    openChannel: (name) => new Channel(name) as unknown as TabChannel,
  };
}
