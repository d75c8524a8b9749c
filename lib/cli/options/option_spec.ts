import type { Kind } from "./option_kind.ts";

/** One option: everything that flags, variables, files and help are made of. */
export interface OptionSpec<T> {
  /** Name in kebab case: `lan-ip`. */
  readonly name: string;
  /**
   * A name that it had, which works until the next version where no other option of the
   * command has it.
   */
  readonly formerName?: string;
  /** What values it takes. */
  readonly kind: Kind<T>;
  /** Value if nobody gives one. */
  readonly default: T;
  /** One sentence without its full stop. */
  readonly help: string;
  /** The default in words, if its value does not speak for itself. */
  readonly defaultText?: string;
  /** Whether only a supervisor gives it. */
  readonly internal?: boolean;
  /** Whether it is about one call of a command, and so never comes from a file or variable. */
  readonly flagOnly?: boolean;
  /** Whether its value is the path of a file that the role reads: it gets the permission. */
  readonly readsFile?: boolean;
  /** Whether its value must not be shown to anybody. */
  readonly secret?: boolean;
}

/** A row for each field of `T`. */
export type OptionTable<T> = {
  readonly [K in keyof T]: OptionSpec<T[K]>;
};
