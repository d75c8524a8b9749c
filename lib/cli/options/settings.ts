import { messageOf } from "../../base/errors.ts";
import { isObject } from "../../base/is_object.ts";
import { closest } from "./closest.ts";
import { contradictions } from "./contradictions.ts";
import {
  configName,
  envName,
  formerNameOf,
  HANDED_OVER,
  OPTION_KEYS,
  type OptionKey,
  OPTIONS,
  type OptionSpec,
  type Settings,
  toConfigName,
  toEnvName,
} from "./option_table.ts";
import { tellUnknownVariables } from "./unknown_variables.ts";

/** Where values come from, the strongest first: flags, environment, file. */
export interface SettingSources {
  /** What a flag was given, by its name in kebab case; `undefined` if it was not. */
  flag(name: string): readonly string[] | undefined;
  /** The value of a variable; `undefined` if there is none. */
  env(name: string): string | undefined;
  /** The names of all variables that this process may see. */
  envNames(): readonly string[];
  /** Reads a file, or throws. */
  readText(path: string): string;
  /** Whether it is sure that there is no such file. */
  isMissing(path: string): boolean;
}

/** What came of the sources. */
export interface Resolved {
  /** Every option; the default where nobody gave a good value. */
  readonly settings: Settings;
  /** Where the values came from that are not defaults: `--lan-ip`. */
  readonly origins: ReadonlyMap<OptionKey, string>;
  /** Everything that was wrong, one line each. Empty if all is well. */
  readonly mistakes: readonly string[];
  /** What is not wrong enough to do nothing. */
  readonly warnings: readonly string[];
}

interface Given {
  readonly texts: readonly string[];
  /** How a person finds it: `--lan-ip`. */
  readonly where: string;
  /** The lower, the stronger. */
  readonly rank: number;
}

function isFlagOnly(key: OptionKey): boolean {
  const { internal = false, flagOnly = false } = OPTIONS[key];
  return internal || flagOnly;
}

/** The options that a file may hold. */
export const CONFIG_KEYS: readonly OptionKey[] = OPTION_KEYS.filter((key) =>
  !isFlagOnly(key)
);

const CONFIG_NAMES = CONFIG_KEYS.map(configName);

/**
 * Finds the value of every option that a command takes.
 *
 * @param keys The options of the command.
 * @param sources Where to look.
 * @returns The values, and all mistakes at once.
 */
export function resolveSettings(
  keys: readonly OptionKey[],
  sources: SettingSources,
): Resolved {
  return new Resolver(keys, sources).resolve();
}

class Resolver {
  readonly #keys: readonly OptionKey[];
  readonly #sources: SettingSources;
  readonly #mistakes: string[] = [];
  readonly #warnings: string[] = [];
  readonly #given = new Map<OptionKey, Given>();
  #file: Record<string, unknown> = {};
  #path = "";

  constructor(keys: readonly OptionKey[], sources: SettingSources) {
    this.#keys = keys;
    this.#sources = sources;
  }

  resolve(): Resolved {
    // The supervisor has looked everywhere already. Only the key comes by the
    // environment, since everybody on the machine can read a command line.
    const supervised = this.#sources.flag("supervised") !== undefined;
    if (!supervised) this.#readFile();
    for (const key of this.#keys) {
      const given = this.#flag(key) ??
        (supervised ? this.#handedOver(key) : this.#env(key)) ??
        this.#config(key) ?? (supervised ? undefined : this.#former(key));
      if (given !== undefined) this.#given.set(key, given);
    }
    // Who names a file need not say that there is no other key.
    const isEmpty = this.#given.get("secretKey")?.texts.join("") === "";
    if (isEmpty && this.#given.has("secretKeyFile")) {
      this.#given.delete("secretKey");
    }
    const settings = this.#settings();
    settings.secretKey = this.#secretKey(settings);
    if (!this.#usesKeyFile()) settings.secretKeyFile = "";
    if (!supervised) {
      this.#findContradictions(settings);
      this.#warnings.push(...tellUnknownVariables(this.#sources.envNames()));
    }
    return {
      settings,
      origins: this.#origins(),
      mistakes: this.#mistakes,
      warnings: this.#warnings,
    };
  }

  #findContradictions(settings: Settings): void {
    this.#mistakes.push(...contradictions({
      keys: this.#keys,
      settings,
      where: (key) => this.#given.get(key)?.where,
      isMissing: this.#sources.isMissing,
    }));
  }

  #origins(): ReadonlyMap<OptionKey, string> {
    return new Map(
      Array.from(this.#given, ([key, { where }]) => [key, where]),
    );
  }

  #flag(key: OptionKey, { name } = OPTIONS[key]): Given | undefined {
    const texts = this.#sources.flag(name);
    if (texts === undefined) return undefined;
    return { texts, where: `--${name}`, rank: 0 };
  }

  /** What an option was given by the name that it had. */
  #former(key: OptionKey): Given | undefined {
    const name = formerNameOf(key, this.#keys);
    if (name === undefined) return undefined;
    const spec = { ...OPTIONS[key], name };
    // In the environment and the file, the name may mean another command's option.
    const isOurs = (given: Given | undefined) =>
      given?.texts.every((text) => spec.kind.accepts(text)) ? given : undefined;
    const given = this.#flag(key, spec) ?? isOurs(this.#env(key, spec)) ??
      isOurs(this.#config(key, spec));
    if (given !== undefined) {
      this.#warnings.push(
        `${given.where} is called ${OPTIONS[key].name} now, as in --${
          OPTIONS[key].name
        } and ${envName(key)}: the old name works until the next version`,
      );
    }
    return given;
  }

  /** An empty variable counts as none, unless somebody meant to keep others out by it. */
  #env(key: OptionKey, spec = OPTIONS[key]): Given | undefined {
    const { name, secret = false } = spec;
    if (isFlagOnly(key)) return undefined;
    const where = toEnvName(name);
    const value = this.#sources.env(where);
    if (value === undefined || (value === "" && !secret)) return undefined;
    return { texts: [value], where, rank: 1 };
  }

  /** What a supervisor gives by the environment; empty for none. */
  #handedOver(key: OptionKey): Given | undefined {
    const given = HANDED_OVER.includes(key) ? this.#env(key) : undefined;
    return given?.texts[0] === "" ? undefined : given;
  }

  #config(key: OptionKey, spec = OPTIONS[key]): Given | undefined {
    const name = toConfigName(spec.name);
    const value = this.#file[name];
    if (value === undefined || isFlagOnly(key)) return undefined;
    const where = `"${name}" in ${this.#path}`;
    const values = Array.isArray(value) && OPTIONS[key].kind.many
      ? value
      : [value];
    const texts = values.map((one) =>
      typeof one === "string" ? one : JSON.stringify(one)
    );
    return { texts, where, rank: 2 };
  }

  #readFile(): void {
    const given = this.#flag("config") ?? this.#env("config");
    if (given === undefined) return;
    this.#path = given.texts.at(-1) ?? "";
    const value = this.#parseFile(given.where);
    if (value === undefined) return;
    this.#file = value;
    const known = CONFIG_NAMES;
    for (const name of Object.keys(this.#file)) {
      if (name === "$schema" || known.includes(name)) continue;
      const meant = closest(name.replaceAll("-", ""), known);
      this.#mistakes.push(
        `Cannot use "${name}" in ${this.#path} as there is no such option${
          meant === undefined ? "" : `: did you mean "${meant}"?`
        }`,
      );
    }
  }

  #parseFile(where: string): Record<string, unknown> | undefined {
    try {
      const value: unknown = JSON.parse(this.#sources.readText(this.#path));
      if (isObject(value)) return { ...value };
      this.#mistakes.push(
        `Cannot use ${where} as ${this.#path} must hold one JSON object`,
      );
    } catch (error) {
      this.#mistakes.push(
        `Cannot use ${where} as ${this.#path} cannot be read: ${
          messageOf(error)
        }`,
      );
    }
    return undefined;
  }

  #settings(): Settings {
    const entries = OPTION_KEYS.map((
      key,
    ) => [key, this.#read(key, OPTIONS[key])]);
    // Each entry is of its option's kind, which the table's type ties to the key.
    return Object.fromEntries(entries) as Settings;
  }

  #read(key: OptionKey, { kind, ...spec }: OptionSpec<unknown>): unknown {
    const given = this.#given.get(key);
    if (given === undefined) return spec.default;
    const texts = kind.many
      ? given.texts.flatMap((text) => text.split(",")).map((text) =>
        text.trim()
      )
      : given.texts;
    const bad = texts.filter((text) => !kind.accepts(text));
    for (const text of bad) {
      const why = kind.why?.(text) ?? `current value is "${text}"`;
      this.#mistakes.push(
        `Cannot use ${given.where} as it must be ${kind.rule}: ${why}`,
      );
    }
    return bad.length > 0 ? spec.default : kind.read(texts);
  }

  #usesKeyFile(): boolean {
    const { rank: key = 3 } = this.#given.get("secretKey") ?? {};
    const { rank: file = 3 } = this.#given.get("secretKeyFile") ?? {};
    return file < 3 && file <= key;
  }

  /** The key itself and the file compete as one option would. */
  #secretKey({ secretKey, secretKeyFile }: Settings): string {
    if (!this.#usesKeyFile()) return secretKey;
    const [key, file] = [
      this.#given.get("secretKey"),
      this.#given.get("secretKeyFile"),
    ];
    if (key !== undefined && key.rank === file?.rank) {
      this.#mistakes.push(
        `Cannot use both ${key.where} and ${file.where}: give one of them`,
      );
    }
    try {
      return this.#sources.readText(secretKeyFile).trim();
    } catch (error) {
      this.#mistakes.push(
        `Cannot use ${file?.where ?? "--secret-key-file"}: ${messageOf(error)}`,
      );
      return "";
    }
  }
}
