/** Questions that need an answer: which room, which password, which nickname. */

import { face, find, icon, make, bdi } from "./dom.js";
import { key } from "./room.js";
import { rove, settle } from "./roving.js";
import { count } from "./sentences.js";

const box = find("#dialog");

/**
 * Show a form as a dialog. @param act what is done with the form's values; what it throws is shown
 * @param text what happens if one agrees, or what one has to know
 */
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

/** A field for a password, with a button that shows it. @param rule what a new one needs, or "" */
export function secret(label, attributes, rule = "") {
  const id = `secret-${attributes.name}`;
  const described = rule ? { "aria-describedby": `${id}-rule` } : {};
  const input = make("input", { id, type: "password", autocomplete: "off", ...described, ...attributes });
  return make(
    "div.field",
    {},
    make("label", { for: id }, label),
    make("div.secret", {}, input, eye(input)),
    rule && make("p.small", { id: `${id}-rule` }, rule),
  );
}

/** The button that shows what is typed into a field for passwords. */
export function eye(input) {
  const button = make("button.plain", { type: "button", "aria-pressed": "false" }, icon("eye"));
  const turn = (shows) => {
    input.type = shows ? "text" : "password";
    button.setAttribute("aria-pressed", String(shows));
    button.setAttribute("aria-label", "Show password");
    button.title = shows ? "Hide password" : "Show password";
  };
  turn(false);
  button.addEventListener("click", () => turn(input.type === "password"));
  input.form?.addEventListener("submit", () => turn(false));
  return button;
}

/** What a new password needs. */
export function passwordRule() {
  const least = Number(document.documentElement.dataset.password);
  return `At least ${count(least, "character")}. Spaces are allowed.`;
}

/** One of several: [value, label] each. */
export function pick(label, name, options, chosen) {
  const made = options.map(([value, text]) => make("option", { value, selected: value === chosen }, text));
  return make("label.field", {}, make("span", {}, label), make("select", { name }, ...made));
}

export const DURATIONS = [
  ["10m", "10 minutes"],
  ["1h", "1 hour"],
  ["1d", "1 day"],
  ["7d", "7 days"],
  ["forever", "Forever"],
];

export const reason = (label) => field(label, { name: "reason", maxlength: "200", dir: "auto" });

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
  // What cannot be undone is never one key away: then the button that cancels has the focus.
  const first = find("input, textarea, select", box) ?? find(".primary:not(.danger)", box) ?? find("button", box);
  first?.focus();
}

/** Show what is asked for first, in a list. @param fill makes the items, or throws what is shown */
export async function list(title, fill, none) {
  const say = make("p.small", { role: "status" }, "Loading …");
  const items = make("ul.rooms", { "aria-labelledby": "dialog-title" });
  show(make("div.listed", {}, heading(title), say, items), "wide");
  const draw = async () => {
    try {
      items.replaceChildren(...(await fill(draw)));
      say.textContent = items.hasChildNodes() ? "" : none;
    } catch (refusal) {
      say.textContent = refusal.message;
    }
  };
  await draw();
}

function heading(title) {
  const close = make("button.plain", { type: "button", "aria-label": "Close", onclick: () => box.close() }, icon("close"));
  return make("header", {}, make("h2", { id: "dialog-title" }, title), close);
}

/** A click beside the dialog closes it. */
box.addEventListener("click", (event) => event.target === box && box.close());
box.addEventListener("close", () => box.replaceChildren());

/** The rooms there are, to join one or to create another. */
export async function browse(server) {
  const items = rove(make("ul.rooms", { "aria-label": "Rooms" }));
  const say = make("p.small", { role: "status" }, "Loading …");
  const filter = make("input", {
    type: "search",
    placeholder: "Find a room, or name a new one",
    "aria-label": "Find a room, or name a new one",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
  });
  const makeOne = make("button.primary", { type: "submit" }, "Create room");
  const keep = server.me.account ? tick("Keep the room when it is empty", { name: "keep" }) : null;
  const hidden = tick("Invite only", { name: "private" });
  const form = make(
    "form.browse",
    { method: "dialog", novalidate: true },
    heading("Rooms"),
    make("div.search", {}, icon("search"), filter),
    say,
    items,
    make("div.new", { hidden: true }, keep, hidden, makeOne),
  );
  show(form, "wide");
  let rooms = [];
  const draw = () => {
    const text = filter.value.trim().replace(/^#/u, "").toLowerCase();
    const shown = rooms.filter((room) => room.room.includes(text) || room.topic.toLowerCase().includes(text));
    items.replaceChildren(...shown.map((room) => row(server, room, say)));
    settle(items);
    say.textContent = shown.length ? "" : text ? "There is no such room yet." : "There are no rooms.";
    const isNew = text !== "" && !rooms.some((room) => room.room === text);
    find(".new", form).hidden = !isNew;
    makeOne.textContent = `Create the room ${text}`;
  };
  filter.addEventListener("input", draw);
  filter.addEventListener("keydown", (event) => event.key === "ArrowDown" && find("button", items)?.focus());
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
      make("span.small", {}, room.joined ? "joined" : count(room.people, "person", "people")),
    ),
  );
}

export function askPassword(server, room, text = "") {
  const act = ({ password }) => server.join(room, password);
  ask(`Join ${room}`, [secret("Password of the room", { name: "password" })], "Join", act, { text });
}

/** There is no room of that name. Create one only if this person says so. */
export function offerRoom(server, room, text) {
  ask("There is no such room", [], `Create the room ${room}`, () => server.makeRoom(room), { text });
}

/** Choose whom to whisper to. */
export function whisperTo(server, open) {
  const people = new Map();
  for (const room of server.rooms.values()) for (const [each, person] of room.people) people.set(each, person.nick);
  people.delete(key(server.me.nick));
  const begin = (nick) => {
    open(nick);
    box.close();
  };
  const choices = [...people.values()].sort((one, other) => one.localeCompare(other)).slice(0, 100);
  const items = make(
    "ul.rooms",
    { "aria-label": "People in your rooms" },
    ...choices.map((nick) =>
      make(
        "li",
        {},
        make("button.row", { type: "button", onclick: () => begin(nick) }, face(nick, "small"), bdi(nick, "name")),
      ),
    ),
  );
  const act = ({ nick }) => nick.trim() && open(nick.trim().replace(/^@/u, ""));
  const text = "You can whisper to people who are online, and to every nickname that has an account.";
  const nickname = field("Nickname", { name: "nick", autocapitalize: "none", spellcheck: "false" });
  ask("Whisper", [nickname, rove(items)], "Start", act, { text });
}
