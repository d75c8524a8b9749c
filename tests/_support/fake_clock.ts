/**
 * This process's clocks, set by hand: the one that tells the time of day, and the one
 * that measures durations, as if the process had stood still. Disposing it sets both
 * right again.
 */
export class FakeClock implements Disposable {
  readonly #timeOfDay = Date.now;
  #step = 0;
  #stoodStill = 0;

  /** Takes over both clocks; nothing changes yet. */
  constructor() {
    const elapsed = performance.now.bind(performance);
    Date.now = () => this.#timeOfDay() + this.#step;
    // An own property hides the one of the prototype.
    Object.defineProperty(performance, "now", {
      value: () => elapsed() + this.#stoodStill,
      configurable: true,
    });
  }

  /** Sets the time of day forward, or back. */
  step(milliseconds: number): void {
    this.#step += milliseconds;
  }

  /** Lets time pass in which the process did nothing. */
  standStill(milliseconds: number): void {
    this.#stoodStill += milliseconds;
    this.#step += milliseconds;
  }

  [Symbol.dispose](): void {
    Date.now = this.#timeOfDay;
    Reflect.deleteProperty(performance, "now");
  }
}
