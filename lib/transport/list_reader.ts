/**
 * Reads the value of a header that is a list, from left to right. No character is
 * looked at twice, so that whatever a stranger sends takes time in proportion to its
 * length.
 */
export class ListReader {
  readonly #text: string;
  #at = 0;

  /** @param text The header's value. */
  constructor(text: string) {
    this.#text = text;
  }

  /** Whether nothing but blanks is left. */
  get isAtEnd(): boolean {
    this.#skipBlanks();
    return this.#at === this.#text.length;
  }

  /** Whether blanks and then a mark come next, or nothing at all. */
  isBefore(mark: string): boolean {
    return this.isAtEnd || this.#text[this.#at] === mark;
  }

  /** Takes blanks and then a mark, if it is there; returns whether it was. */
  take(mark: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  /** Takes blanks and then a token (RFC 9110, section 5.6.2); empty if there is none. */
  token(): string {
    this.#skipBlanks();
    const start = this.#at;
    while (isTokenCode(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /**
   * Takes the rest of a quoted text (RFC 9110, section 5.6.4) whose opening mark was
   * taken, and its closing mark.
   *
   * @returns What it stands for; `undefined` if the closing mark is not there.
   */
  quoted(): string | undefined {
    const parts: string[] = [];
    let start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const mark = this.#text[this.#at];
      if (mark !== '"' && mark !== "\\") continue;
      parts.push(this.#text.slice(start, this.#at++));
      if (mark === '"') return parts.join("");
      start = this.#at;
    }
    return undefined;
  }

  #skipBlanks(): void {
    while (isBlankCode(this.#text.charCodeAt(this.#at))) this.#at++;
  }
}

/** Whether a text is a token: the name of a method, a header or a sub-protocol. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const TOKEN_CODES = Array.from(
  { length: 128 },
  (_, code) => isToken(String.fromCharCode(code)),
);

/** `NaN`, behind the end, is none. */
function isTokenCode(code: number): boolean {
  return TOKEN_CODES[code] === true;
}

/** Whether a character is a space or a tab, by its code. */
export function isBlankCode(code: number): boolean {
  return code === 0x20 || code === 9;
}
