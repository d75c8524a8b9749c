/** Single clients, those of a uid or a group; to send to them and close them. @module */

import { ask } from "./api.js";
import { isConfirmed } from "./confirm.js";
import { byId, make, say } from "./dom.js";
import { bytes, count, duration, exactTime } from "./format.js";

/** Makes the form work. */
export function createClients() {
  byId("lookup").addEventListener("submit", (event) => {
    event.preventDefault();
    const subject = byId("subject").value.trim();
    if (subject !== "") void lookUp("subject", subject);
  });
  byId("busiest").addEventListener("click", () => void showBusiest());
}

/** Shows who is found by a `subject`, which is an id or a uid, or in a `group`. */
async function lookUp(by, name) {
  await show(async () => {
    const path = `/lookup?${by}=${encodeURIComponent(name)}`;
    const { total, clients } = await (await ask(path)).json();
    if (by === "group") return toMembers(name, total, clients);
    if (total === 0) {
      return [make("p", {}, "No client has the id or uid ", quote(name), ".")];
    }
    return total === 1
      ? clients.map(toCard)
      : toRows(["Clients of uid ", quote(name)], total, clients);
  });
}

function toMembers(group, total, clients) {
  return total === 0
    ? [make("p", {}, "Nobody is in group ", quote(group), ".")]
    : toRows(["Members of group ", quote(group)], total, clients);
}

function toRows(title, total, clients) {
  const shown = clients.length < total
    ? `: ${clients.length} of ${count(total)}`
    : `: ${count(total)}`;
  const rows = clients.map((client) => [
    toLink("subject", client.id),
    client.uid === null ? "none" : toLink("subject", client.uid),
    client.remoteAddress,
    (client.worker ?? "none") + (client.away ? " (away)" : ""),
    count(client.events),
    bytes(client.queued),
    duration(client.age),
  ]);
  const heads = [
    "Client",
    "Uid",
    "From",
    "Worker",
    "Events",
    "Queued",
    "Here for",
  ];
  return [toTable([...title, shown], heads, rows, 4)];
}

async function showBusiest() {
  await show(async () => {
    const { groups, uids } = await (await ask("/busiest")).json();
    return [
      make(
        "div",
        { class: "pair" },
        toTable(
          ["Biggest groups"],
          ["Group", "Members"],
          groups.map(
            ({ name, clients }) => [toLink("group", name), count(clients)],
          ),
        ),
        toTable(
          ["Busiest uids"],
          ["Uid", "Clients", "Events since they came"],
          uids.map(({ name, clients, events }) => [
            toLink("subject", name),
            count(clients),
            count(events),
          ]),
        ),
      ),
    ];
  });
}

async function show(find) {
  const place = byId("found");
  // What was clicked will be gone.
  const hadFocus = place.contains(document.activeElement);
  place.ariaBusy = "true";
  try {
    place.replaceChildren(...await find());
  } catch (error) {
    place.replaceChildren(make("p", { class: "level-error" }, error.message));
  }
  place.ariaBusy = "false";
  if (hadFocus) place.focus();
}

/** A name that leads to whom it stands for. */
function toLink(by, name) {
  const button = make("button", { type: "button", class: "link" }, quote(name));
  button.addEventListener("click", () => {
    if (by === "subject") byId("subject").value = name;
    void lookUp(by, name);
  });
  return button;
}

/** Names are the clients': they keep to their own direction. */
function quote(name) {
  return make("bdi", { class: "id" }, name);
}

/** A table, whose columns are numbers from the `numbers`th on. */
function toTable(title, heads, rows, numbers = 1) {
  if (rows.length === 0) {
    return make("p", { class: "note" }, ...title, ": none.");
  }
  const kind = (i) => i < numbers ? {} : { class: "number" };
  const toHead = (head, i) => make("th", { scope: "col", ...kind(i) }, head);
  const toRow = (cells) =>
    make("tr", {}, ...cells.map((cell, i) => make("td", kind(i), cell)));
  const table = make(
    "table",
    {},
    make("caption", {}, ...title),
    make("thead", {}, make("tr", {}, ...heads.map(toHead))),
    make("tbody", {}, ...rows.map(toRow)),
  );
  const label = table.caption.textContent;
  return make(
    "div",
    { class: "table", tabindex: "0", role: "group", "aria-label": label },
    table,
  );
}

function toCard(client) {
  const came = Date.now() - client.age * 1000;
  const groups = client.groups.map((name) => toLink("group", name));
  const facts = {
    Client: [quote(client.id)],
    Uid: client.uid === null ? ["none"] : [toLink("subject", client.uid)],
    Groups: groups.length === 0
      ? ["none"]
      : groups.flatMap((link, i) => i === 0 ? [link] : [", ", link]),
    "Session keys": [client.sessionKeys.join(", ") || "none"],
    From: [client.remoteAddress],
    Worker: [client.worker ?? "none"],
    Events: [count(client.events)],
    Queued: [bytes(client.queued)],
    Came: [`${duration(client.age)} ago, ${exactTime(came).slice(11, 19)}`],
  };
  const list = Object.entries(facts).map(([term, parts]) =>
    make("div", {}, make("dt", {}, term), make("dd", {}, ...parts))
  );
  const card = make("article", { class: "client" }, make("dl", {}, ...list));
  card.append(toActions(client));
  return card;
}

function toActions({ id, uid }) {
  const text = make("input", {
    type: "text",
    "aria-label": `Message to ${id}`,
    placeholder: "Message",
    required: "",
    pattern: String.raw`.*\S.*`,
    title: "More than blanks",
  });
  const outcome = make("span", { role: "status" });
  const act = async (wanted, path, body, done) => {
    if (!await isConfirmed(wanted)) return;
    try {
      const answer = await (await ask(path, { body })).json();
      say(outcome, done(answer));
    } catch (error) {
      say(outcome, error.message);
    }
  };
  const who = { Client: id, ...(uid === null ? {} : { Uid: uid }) };
  const form = make("form", { class: "actions" }, text);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const message = text.value;
    const question = {
      question: "Send this message?",
      facts: { ...who, Message: message },
      verb: "Send",
    };
    void act(
      question,
      "/api/send",
      { to: "client", id, message },
      ({ reached }) => {
        if (reached !== 1) return "It is gone";
        text.value = "";
        return "Sent";
      },
    );
  });
  const close = make(
    "button",
    { type: "button", class: "danger" },
    "Disconnect…",
  );
  close.addEventListener("click", () =>
    act(
      {
        question: "Disconnect this client?",
        facts: who,
        verb: "Disconnect",
        isDangerous: true,
      },
      "/close",
      { id },
      ({ closed }) => closed ? "Disconnected" : "It is gone",
    ));
  form.append(make("button", { type: "submit" }, "Send…"), close);
  if (uid !== null) form.append(toRefusal(uid, act));
  form.append(outcome);
  return form;
}

/** Closes a uid everywhere, and keeps it out for a day. */
function toRefusal(uid, act) {
  const refuse = make(
    "button",
    { type: "button", class: "danger" },
    "Refuse uid…",
  );
  refuse.addEventListener("click", () =>
    act(
      {
        question: "Close all clients of this uid, and let it in no more?",
        facts: { Uid: uid, For: "a day, or until it is allowed" },
        verb: "Refuse",
        isDangerous: true,
      },
      "/api/refuse",
      { uid },
      ({ closed }) => `Refused, ${count(closed)} closed`,
    ));
  return refuse;
}
