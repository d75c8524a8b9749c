/** What every running role offers. */
export interface Role extends AsyncDisposable {
  /** Resolves when the role has ended; rejects if it failed. */
  readonly finished: Promise<void>;
  /** Takes nothing new, drains, then ends. Safe to call twice. */
  shutdown(): Promise<void>;
}
