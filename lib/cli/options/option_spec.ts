import type { Kind } from "./option_kind.ts";

/**
 * One option: everything that flags, variables, files, help and documentation are made
 * of. Its name is its key: `lanIp`, `--lan-ip`, `GATEWAYWORKER_LAN_IP`.
 */
export interface OptionEntry<T> {
  /**
   * A flag that it was before, without its dashes, which works until the next version
   * where no other option of the command has it.
   */
  readonly formerName?: string;
  /** Its flag without dashes, where the name that its key makes is another option's. */
  readonly flag?: string;
  /** What values it takes. */
  readonly kind: Kind<T>;
  /** Value if nobody gives one. */
  readonly default: T;
  /** One sentence without its full stop. */
  readonly help: string;
  /** The default in words, if its value does not speak for itself. */
  readonly defaultText?: string;
  /** Whether most people want it: it stands first in `--help`. */
  readonly common?: boolean;
  /** Whether some command has it on by default, so that `--no-…` turns it off. */
  readonly deniable?: boolean;
  /** Whether only a supervisor gives it. */
  readonly internal?: boolean;
  /** Whether it is about one call of a command, and so never comes from a file or variable. */
  readonly flagOnly?: boolean;
  /** Whether its value is the path of a file that the role reads: it gets the permission. */
  readonly readsFile?: boolean;
  /** Whether its value must not be shown to anybody. */
  readonly secret?: boolean;
}

/** An entry, with the name of its flag: `lan-ip`. */
export interface OptionSpec<T> extends OptionEntry<T> {
  /** In kebab case. */
  readonly name: string;
}

/** Options that belong together. */
export type OptionTable = Readonly<Record<string, OptionEntry<unknown>>>;
