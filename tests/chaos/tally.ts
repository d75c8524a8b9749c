/** What the checker saw, in numbers. */
export class Tally {
  /** Connections that were let in. */
  connections = 0;
  /** Messages that clients sent. */
  sent = 0;
  /** Messages that were handled, each counted once. */
  handled = 0;
  /** Events that were begun again, marked. */
  repeats = 0;
  /** Events that a worker handled which had been given up, with others long past them. */
  late = 0;
  /** Answers that clients heard, each counted once. */
  answers = 0;
  /** Messages told to partners and groups that had to arrive, one for each that had to hear. */
  told = 0;
  /** Disconnects that are allowed. */
  disconnects = 0;
}
