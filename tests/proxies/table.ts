/** Where the table begins and ends in a document. */
const BEGIN = "<!-- deno task proxies -->";
const END = "<!-- end -->";

/** Columns that one can read beside each other. */
const MOST_COLUMNS = 5;

/** A cell that is not as documented. */
export interface Difference {
  /** The row it is in. */
  readonly row: string;
  /** What is documented, and what was seen. */
  readonly text: string;
}

/** What was seen: for each row, by column, a cell. */
export class Table {
  readonly #rows = new Map<string, Map<string, string>>();

  /** The columns, in order of appearance. */
  get columns(): string[] {
    return [
      ...new Set([...this.#rows.values()].flatMap((row) => [...row.keys()])),
    ];
  }

  /** Takes what was seen. */
  set(row: string, column: string, seen: string): void {
    this.#put(
      row,
      column,
      seen.replaceAll("|", "-").replaceAll(" / ", ", ").replaceAll("\n", " "),
    );
  }

  #put(row: string, column: string, cell: string): void {
    let cells = this.#rows.get(row);
    if (cells === undefined) this.#rows.set(row, cells = new Map());
    cells.set(column, cell);
  }

  /** A cell, if there is one. */
  get(row: string, column: string): string | undefined {
    return this.#rows.get(row)?.get(column);
  }

  /** As Markdown: tables of few columns, one below the other. */
  toString(): string {
    const { columns } = this;
    const tables: string[] = [];
    for (let i = 0; i < columns.length; i += MOST_COLUMNS) {
      tables.push(this.#part(columns.slice(i, i + MOST_COLUMNS)));
    }
    return tables.join("\n\n");
  }

  #keeping(documented: Table): Table {
    const kept = new Table();
    for (const [row, cells] of this.#rows) {
      for (const [column, cell] of cells) {
        const promised = documented.get(row, column) ?? "";
        const isOne = promised.includes(" / ") &&
          alternatives(promised).includes(words(cell));
        kept.#put(row, column, isOne ? promised : cell);
      }
    }
    return kept;
  }

  #part(columns: readonly string[]): string {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [
      line(["", ...columns]),
      line(["", ...columns].map(() => "---")),
      ...[...this.#rows].map(([row, cells]) =>
        line([row, ...columns.map((column) => cells.get(column) ?? "")])
      ),
    ].join("\n");
  }

  /** Reads the table of a document. */
  static of(document: string): Table {
    const table = new Table();
    const text = document.slice(
      document.indexOf(BEGIN) + BEGIN.length,
      document.indexOf(END),
    );
    for (const part of text.trim().split(/\n\s*\n/)) {
      const [head = [], , ...rows] = part.split("\n").map((line) =>
        line.split("|").slice(1, -1).map((cell) => cell.trim())
      );
      for (const [title = "", ...cells] of rows) {
        cells.forEach((cell, i) => table.#put(title, head[i + 1] ?? "", cell));
      }
    }
    return table;
  }

  /**
   * Writes it into a document in place of the one that is there. A documented cell with
   * alternatives stays if one of them was seen.
   */
  into(document: string): string {
    const start = document.indexOf(BEGIN);
    const end = document.indexOf(END);
    if (start < 0 || end < start) {
      throw new RangeError(`Cannot renew the table: no "${BEGIN}" … "${END}"`);
    }
    const renewed = this.#keeping(Table.of(document));
    return `${document.slice(0, start + BEGIN.length)}\n\n${renewed}\n\n${
      document.slice(end)
    }`;
  }

  /**
   * Lists the cells that differ from what is documented. What stands in parentheses,
   * such as figures, may; alternatives are separated by ` / `.
   */
  differencesFrom(documented: Table): Difference[] {
    const differences: Difference[] = [];
    for (const [row, cells] of this.#rows) {
      for (const [column, cell] of cells) {
        const promised = documented.get(row, column);
        if (alternatives(promised).includes(words(cell))) continue;
        const text = `${column}, ${row}: saw "${cell}", documented is "${
          promised ?? ""
        }"`;
        differences.push({ row, text });
      }
    }
    return differences;
  }
}

function alternatives(cell = ""): string[] {
  return cell.split(" / ").map(words);
}

function words(cell = ""): string {
  return cell.replaceAll(/\([^)]*\)/g, "").replaceAll(/\s+/g, " ").trim();
}
