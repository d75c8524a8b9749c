// What the bench's patterns ask of a server, for servers that have nothing of the kind.

/** Answers one text of a client as the bench's handlers do. */
export function answer(mode, client, text, rooms) {
  if (text.startsWith("+")) {
    rooms.join(text.slice(1), client);
    return client.send(text);
  }
  switch (mode) {
    case "direct":
    case "group":
      return rooms.send(text.slice(11, 15), text);
    case "broadcast":
      return rooms.sendToAll(text);
    default:
      return client.send(text);
  }
}
