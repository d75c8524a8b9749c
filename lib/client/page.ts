/** What a page tells a client of. */
export interface PageHooks {
  /** The page is looked at again, or its network changed: see who is still there. */
  wake(): void;
  /** The page will not run for a while; sockets do not outlive it for long. */
  sleep(): void;
  /** The page is left; whether it may be shown again as it is. */
  leave(mayReturn: boolean): void;
  /** The page is shown again as it was left. */
  restore(): void;
}

/** As much as is needed of what browsers have, and others may have in part. */
interface Scope {
  addEventListener?(
    name: string,
    listener: (event: Event) => void,
    options: { signal: AbortSignal },
  ): void;
  readonly visibilityState?: string;
  readonly document?: Scope;
}

/**
 * Tells of a page's comings and goings: sleep, freeze, the back-forward cache, the
 * network. Where there is no page, of as much as there is.
 *
 * @returns What stops it.
 */
export function watchPage(hooks: PageHooks): () => void {
  const scope = globalThis as unknown as Scope;
  const { document } = scope;
  const { wake, sleep } = hooks;
  const persisted = (event: Event) => (event as PageTransition).persisted;
  const listeners: [Scope | undefined, string, (event: Event) => void][] = [
    [scope, "online", wake],
    [scope, "offline", wake],
    [scope, "pagehide", (event) => hooks.leave(persisted(event))],
    [scope, "pageshow", (event) => persisted(event) && hooks.restore()],
    [document, "freeze", sleep],
    [document, "resume", wake],
    [document, "visibilitychange", () => {
      if (document?.visibilityState === "visible") wake();
    }],
  ];
  const watch = new AbortController();
  for (const [target, name, call] of listeners) {
    target?.addEventListener?.(name, call, watch);
  }
  return () => watch.abort();
}

interface PageTransition extends Event {
  readonly persisted: boolean;
}
