/** A table that sorts by any column, and keeps its rows where they are. @module */

import { make, say } from "./dom.js";

/**
 * A table. Each column has a `title`, a `value` that is sorted by, and may have
 * `text` or `node` that shows it; those whose value is a number are right-aligned.
 */
export class SortableTable {
  #columns;
  #key;
  #empty;
  #caption = make("caption");
  #heads = [];
  #body = make("tbody");
  #shown = new Map();
  #rows = [];
  #by = 0;
  #direction = 1;

  constructor(place, { columns, key, empty }) {
    this.#columns = columns;
    this.#key = key;
    this.#empty = make("p", { class: "missing" }, empty);
    this.#heads = columns.map((column, i) => this.#head(column, i));
    const head = make("thead", {}, make("tr", {}, ...this.#heads));
    this.#mark();
    place.role = "group";
    const section = place.closest("section");
    place.setAttribute(
      "aria-labelledby",
      section.getAttribute("aria-labelledby"),
    );
    place.append(
      make("table", {}, this.#caption, head, this.#body),
      this.#empty,
    );
  }

  /** Shows rows, and says how many are left out. */
  show({ rows, total }) {
    this.#rows = rows;
    this.#empty.hidden = rows.length > 0;
    const table = this.#body.parentElement;
    table.hidden = rows.length === 0;
    table.parentElement.tabIndex = rows.length === 0 ? -1 : 0;
    this.#caption.hidden = rows.length === total;
    say(
      this.#caption,
      `${rows.length} of ${total}: those that need a look come first`,
    );
    this.#render();
  }

  #head({ title, help, isNumber }, i) {
    const button = make("button", { type: "button" }, title);
    if (help !== undefined) button.title = help;
    button.addEventListener("click", () => this.#sortBy(i));
    const number = isNumber ? { class: "number" } : {};
    return make("th", { scope: "col", ...number }, button);
  }

  #sortBy(i) {
    const isNumber = this.#columns[i].isNumber === true;
    this.#direction = i === this.#by ? -this.#direction : isNumber ? -1 : 1;
    this.#by = i;
    this.#mark();
    this.#render();
  }

  #mark() {
    for (const [i, head] of this.#heads.entries()) {
      const { title } = this.#columns[i];
      const isSorted = i === this.#by;
      const arrow = this.#direction > 0 ? " ▲" : " ▼";
      say(head.firstChild, isSorted ? title + arrow : title);
      if (!isSorted) head.removeAttribute("aria-sort");
      else head.ariaSort = this.#direction > 0 ? "ascending" : "descending";
    }
  }

  #render() {
    const { value } = this.#columns[this.#by];
    const sorted = this.#rows.toSorted((one, other) =>
      this.#direction * compare(value(one), value(other))
    );
    const before = this.#shown;
    this.#shown = new Map();
    for (const [i, row] of sorted.entries()) {
      const key = this.#key(row);
      const shown = before.get(key) ?? this.#make(key);
      before.delete(key);
      this.#shown.set(key, shown);
      this.#fill(shown, row);
      const there = this.#body.children[i];
      if (there !== shown) this.#body.insertBefore(shown, there ?? null);
    }
    for (const gone of before.values()) gone.remove();
  }

  #make(key) {
    return make(
      "tr",
      { "data-key": key },
      ...this.#columns.map(({ isNumber, name }) =>
        make("td", {
          "data-field": name,
          ...(isNumber ? { class: "number" } : {}),
        })
      ),
    );
  }

  #fill(shown, row) {
    for (const [i, { value, text, node }] of this.#columns.entries()) {
      const cell = shown.children[i];
      const found = value(row);
      if (cell.shownValue === found) continue;
      cell.shownValue = found;
      cell.dataset.value = found;
      // A long name is cut off.
      if (typeof found === "string" && node === undefined) cell.title = found;
      if (node !== undefined) cell.replaceChildren(node(row));
      else cell.textContent = text === undefined ? found : text(found);
    }
  }
}

function compare(one, other) {
  return typeof one === "number"
    ? one - other
    : one.localeCompare(other, "en", { numeric: true });
}
