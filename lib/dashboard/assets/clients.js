/** Details of a client or of all clients of a uid; to send to them and close them. @module */

import { ask } from "./api.js";
import { byId, make, say } from "./dom.js";
import { bytes, count, duration, exactTime } from "./format.js";

/** Makes the form work. */
export function createClients() {
  byId("lookup").addEventListener("submit", (event) => {
    event.preventDefault();
    void lookUp(byId("subject").value.trim());
  });
  byId("busiest").addEventListener("click", () => void showBusiest());
}

async function lookUp(subject) {
  await show(async () => {
    const path = `/lookup?subject=${encodeURIComponent(subject)}`;
    const { total, clients } = await (await ask(path)).json();
    if (total === 0) {
      return [make("p", {}, `No client has the id or uid “${subject}”.`)];
    }
    const caption = total > clients.length
      ? [
        make(
          "p",
          { class: "note" },
          `${clients.length} of ${count(total)} clients`,
        ),
      ]
      : [];
    return [...caption, ...clients.map(toCard)];
  });
}

async function showBusiest() {
  await show(async () => {
    const { groups, uids } = await (await ask("/busiest")).json();
    return [
      toTable(
        "Biggest groups",
        ["Group", "Members"],
        groups.map(
          ({ name, clients }) => [name, count(clients)],
        ),
      ),
      toTable(
        "Busiest uids",
        ["Uid", "Clients", "Events since they came"],
        uids.map(
          ({ name, clients, events }) => [name, count(clients), count(events)],
        ),
      ),
    ];
  });
}

async function show(find) {
  const place = byId("found");
  place.ariaBusy = "true";
  try {
    place.replaceChildren(...await find());
  } catch (error) {
    place.replaceChildren(make("p", { class: "level-error" }, error.message));
  }
  place.ariaBusy = "false";
}

function toTable(title, heads, rows) {
  if (rows.length === 0) return make("p", { class: "note" }, `${title}: none.`);
  const toRow = (cells) =>
    make(
      "tr",
      {},
      ...cells.map((cell, i) =>
        make("td", i === 0 ? { class: "id" } : { class: "number" }, cell)
      ),
    );
  return make(
    "table",
    {},
    make("caption", {}, title),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        ...heads.map((head, i) =>
          make(
            "th",
            { scope: "col", ...(i > 0 ? { class: "number" } : {}) },
            head,
          )
        ),
      ),
    ),
    make("tbody", {}, ...rows.map(toRow)),
  );
}

function toCard(client) {
  const came = Date.now() - client.age * 1000;
  const facts = {
    Client: client.id,
    Uid: client.uid ?? "none",
    Groups: client.groups.join(", ") || "none",
    "Session keys": client.sessionKeys.join(", ") || "none",
    From: client.remoteAddress,
    Worker: client.worker ?? "none",
    Events: count(client.events),
    Queued: bytes(client.queued),
    Came: `${duration(client.age)} ago, ${exactTime(came).slice(0, 19)}`,
  };
  const list = Object.entries(facts).map(([term, text]) =>
    make("div", {}, make("dt", {}, term), make("dd", {}, text))
  );
  const card = make("article", { class: "client" }, make("dl", {}, ...list));
  card.append(toActions(client.id));
  return card;
}

function toActions(id) {
  const text = make("input", {
    type: "text",
    "aria-label": `Message to ${id}`,
    placeholder: "Message",
  });
  const outcome = make("span", { role: "status" });
  const act = async (question, path, body, done) => {
    if (!await isConfirmed(question)) return;
    try {
      const answer = await (await ask(path, { body })).json();
      say(outcome, done(answer));
    } catch (error) {
      say(outcome, error.message);
    }
  };
  const form = make("form", { class: "actions" }, text);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void act(
      `Send “${text.value}” to client ${id}?`,
      "/api/send",
      { to: "client", id, message: text.value },
      ({ reached }) => reached === 1 ? "Sent" : "It is gone",
    );
  });
  const close = make("button", { type: "button", class: "danger" }, "Close");
  close.addEventListener("click", () =>
    act(
      `Close the connection of client ${id}?`,
      "/close",
      { id },
      ({ closed }) => closed ? "Closed" : "It is gone",
    ));
  form.append(make("button", { type: "submit" }, "Send"), close, outcome);
  return form;
}

function isConfirmed(question) {
  const dialog = byId("confirm");
  say(byId("question"), question);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "yes"),
      { once: true },
    );
  });
}
