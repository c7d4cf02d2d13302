/** Questions that need an answer: which room, which password, whom. */

import { face, find, icon, make, bdi } from "./dom.js";
import { key } from "./room.js";
import { count } from "./sentences.js";

const box = find("#dialog");

/** Show a form as a dialog. @param act what is done with the form's values; what it throws is shown */
export function ask(title, fields, button, act, { text = "", danger = false } = {}) {
  const error = make("p.error", { role: "alert", hidden: true });
  const form = make(
    "form",
    { method: "dialog", novalidate: true },
    make("h2", { id: "dialog-title" }, title),
    text && make("p", {}, text),
    error,
    ...fields,
    make(
      "div.buttons",
      {},
      make("button.quiet", { type: "button", onclick: () => box.close() }, "Cancel"),
      make(`button.primary${danger ? ".danger" : ""}`, { type: "submit" }, button),
    ),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await act(Object.fromEntries(new FormData(form)));
      box.close();
    } catch (refusal) {
      error.textContent = refusal.message;
      error.hidden = false;
    }
  });
  show(form);
}

export function field(label, attributes) {
  return make("label.field", {}, make("span", {}, label), make("input", { autocomplete: "off", ...attributes }));
}

export function tick(label, attributes) {
  return make("label.tick", {}, make("input", { type: "checkbox", ...attributes }), make("span", {}, label));
}

export function close() {
  if (box.open) box.close();
}

function show(content, className = "") {
  box.className = className;
  box.replaceChildren(content);
  if (!box.open) box.showModal();
  (find("input, textarea", box) ?? find("button", box))?.focus();
}

/** A click beside the dialog puts it away. */
box.addEventListener("click", (event) => event.target === box && box.close());
box.addEventListener("close", () => box.replaceChildren());

/** The rooms there are, to go into one or to make another. */
export async function browse(server) {
  const list = make("ul.rooms", {});
  const say = make("p.small", { role: "status" }, "Looking …");
  const filter = make("input", {
    type: "search",
    placeholder: "Find a room, or name a new one",
    "aria-label": "Find a room, or name a new one",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
  });
  const makeOne = make("button.primary", { type: "submit" }, "Make a room");
  const keep = server.me.account ? tick("It stays when everybody has left", { name: "keep" }) : null;
  const hidden = tick("Only those who are invited may come in", { name: "private" });
  const form = make(
    "form.browse",
    { method: "dialog", novalidate: true },
    make(
      "header",
      {},
      make("h2", { id: "dialog-title" }, "Rooms"),
      make("button.plain", { type: "button", "aria-label": "Close", onclick: () => box.close() }, icon("close")),
    ),
    make("div.search", {}, icon("search"), filter),
    say,
    list,
    make("div.new", { hidden: true }, keep, hidden, makeOne),
  );
  show(form, "wide");
  let rooms = [];
  const draw = () => {
    const text = filter.value.trim().replace(/^#/u, "").toLowerCase();
    const shown = rooms.filter((room) => room.room.includes(text) || room.topic.toLowerCase().includes(text));
    list.replaceChildren(...shown.map((room) => row(server, room, say)));
    say.textContent = shown.length ? "" : text ? "There is no such room yet." : "There is no room.";
    const isNew = text !== "" && !rooms.some((room) => room.room === text);
    find(".new", form).hidden = !isNew;
    makeOne.textContent = `Make the room ${text}`;
  };
  filter.addEventListener("input", draw);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = filter.value.trim().replace(/^#/u, "").toLowerCase();
    const { keep: stays, private: closed } = Object.fromEntries(new FormData(form));
    try {
      if (rooms.some((room) => room.room === text)) await server.join(text);
      else if (text) await server.makeRoom(text, Boolean(stays), Boolean(closed));
      box.close();
    } catch (refusal) {
      if (refusal.code === "wants-password") askPassword(server, text, refusal.message);
      else say.textContent = refusal.message;
    }
  });
  try {
    rooms = (await server.ask("rooms")).rooms;
    draw();
  } catch (refusal) {
    say.textContent = refusal.message;
  }
}

function row(server, room, say) {
  const go = async () => {
    try {
      if (server.rooms.has(room.room) && !server.rooms.get(room.room).out) server.select(server.rooms.get(room.room));
      else await server.join(room.room);
      box.close();
    } catch (refusal) {
      if (refusal.code === "wants-password") askPassword(server, room.room, refusal.message);
      else say.textContent = refusal.message;
    }
  };
  return make(
    "li",
    {},
    make(
      "button.row",
      { type: "button", onclick: go },
      icon(room.locked || room.invite_only || room.lock ? "lock" : "room"),
      make("span.who", {}, bdi(room.room, "name"), room.topic && make("span.state", { dir: "auto" }, room.topic)),
      make("span.small", {}, room.joined ? "you are here" : count(room.people, "person", "people")),
    ),
  );
}

export function askPassword(server, room, text = "") {
  const act = ({ password }) => server.join(room, password);
  ask(`Come into ${room}`, [field("Password of the room", { name: "password", type: "password" })], "Come in", act, {
    text,
  });
}

/** A room that somebody was led to does not exist. It is made only where they say so. */
export function offerRoom(server, room, text) {
  ask("There is no such room", [], `Make the room ${room}`, () => server.makeRoom(room), { text });
}

/** Somebody to whisper to. */
export function whisperTo(server, open) {
  const people = new Map();
  for (const room of server.rooms.values()) for (const [each, person] of room.people) people.set(each, person.nick);
  people.delete(key(server.me.nick));
  const begin = (nick) => {
    open(nick);
    box.close();
  };
  const choices = [...people.values()].sort((one, other) => one.localeCompare(other)).slice(0, 100);
  const list = make(
    "ul.rooms",
    {},
    ...choices.map((nick) =>
      make(
        "li",
        {},
        make("button.row", { type: "button", onclick: () => begin(nick) }, face(nick, "small"), bdi(nick, "name")),
      ),
    ),
  );
  const act = ({ nick }) => nick.trim() && open(nick.trim().replace(/^@/u, ""));
  const text = "Somebody who is here, or anybody who has an account.";
  ask(
    "Whisper to",
    [field("Nickname", { name: "nick", autocapitalize: "none", spellcheck: "false" }), list],
    "Begin",
    act,
    { text },
  );
}
