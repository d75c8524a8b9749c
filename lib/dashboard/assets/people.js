/** What people notice: how soon they are answered, who came back, what was missed. @module */

import { byId, make, say } from "./dom.js";
import { count, milliseconds } from "./format.js";
import { tally } from "./sections.js";

const ENTRIES = [
  [
    "firstAnswerP50",
    "First answer p50",
    lately,
    "From connect to the first thing sent to a client alone, in the last seconds, at the slowest gateway; – if nobody came",
  ],
  ["firstAnswerP99", "First answer p99", lately, "Likewise"],
  ["answered", "Clients answered", count, "Since the gateways were started"],
  ["away", "Away", count, "They have no socket and may come back"],
  ["returned", "Came back", count, "To their sessions"],
  ["fresh", "Began anew", count, "They came back and got a new session"],
  ["expired", "Expired", count, "Sessions whose clients did not come back"],
  ["gaps", "Gaps told", count, "How often clients were told to miss something"],
  ["missed", "Messages missed", count, "All that these gaps come to"],
  ["sentAway", "Sent away", count, "Told to connect to another gateway"],
  [
    "present",
    "Present",
    count,
    "Users in groups and uids that workers watch, counted in each",
  ],
  ["watchers", "Watchers", count, "Clients that are told who is there"],
  [
    "groupMessages",
    "Group messages",
    count,
    "Each counted at every gateway that has members",
  ],
  ["fanOut", "Fan-out", figure, "Clients of a gateway for each of these"],
];

/** Makes the section; returns what shows figures in it. */
export function createPeople() {
  const shown = ENTRIES.map(([name, title, unit, help]) => {
    const place = make("dd", { id: `people-${name}` });
    const term = make("dt", { title: help }, title);
    byId("people-entries").append(make("div", {}, term, place));
    return { name, unit, place };
  });
  return (people) => {
    for (const { name, unit, place } of shown) {
      say(place, unit(people[name]));
      place.dataset.value = people[name];
    }
    tally("people", `${count(people.returned)} came back`);
  };
}

function lately(value) {
  return value === 0 ? "–" : milliseconds(value);
}

function figure(value) {
  return value < 100 ? String(value) : count(value);
}
