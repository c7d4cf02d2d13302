/** Beside the room: who is in it, search, the inbox, the commands. One at a time. */

import { bdi, face, find, make } from "./dom.js";
import { Inbox, Search } from "./reading.js";
import { Room, key } from "./room.js";
import { count } from "./sentences.js";

const TITLES = { __proto__: null, people: "", search: "Search", inbox: "Inbox", help: "Commands" };
const ROLES = { __proto__: null, owner: "Owner", operator: "Operator" };
const STAFF = { __proto__: null, admin: "Admin", moderator: "Moderator" };
const RANK = { __proto__: null, admin: 0, moderator: 1, owner: 2, operator: 3 };
const REST = 4;

export class Panel {
  #server;
  #acts;
  #box = find("#panel");
  #body = find("#panel-body");
  #shown = null;
  #opener = null;
  #search = null;

  /** @param {{openPerson: Function, goTo: Function, whisper: Function}} acts */
  constructor(server, acts) {
    this.#server = server;
    this.#acts = acts;
    find("#panel-close").addEventListener("click", () => this.close());
    find("#people-open").addEventListener("click", (event) => this.toggle("people", event.currentTarget));
    find("#search-open").addEventListener("click", (event) => this.toggle("search", event.currentTarget));
    this.#box.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  get shown() {
    return this.#shown;
  }

  toggle(what, opener) {
    if (this.#shown === what) this.close();
    else this.open(what, opener);
  }

  /** @param {"people" | "search" | "inbox" | "help"} what */
  open(what, opener = null, focus = true) {
    this.#shown = what;
    this.#opener = opener ?? document.activeElement;
    this.#box.hidden = false;
    this.#box.dataset.shows = what;
    this.#mark();
    this.#body.replaceChildren();
    this.#title(TITLES[what]);
    if (focus) find("#panel-close").focus();
    if (what === "people") this.drawPeople();
    else if (what === "search") this.#search = new Search(this.#server, this.#body, this.#acts.goTo);
    else if (what === "inbox") new Inbox(this.#server, this.#body, this.#acts.whisper);
    else this.#drawHelp();
  }

  search(words) {
    if (this.#shown !== "search") this.open("search");
    this.#search.lookFor(words);
  }

  close() {
    if (!this.#shown) return;
    this.#shown = null;
    this.#box.hidden = true;
    this.#mark();
    (this.#opener?.isConnected ? this.#opener : find("#text")).focus();
  }

  #mark() {
    find("#people-open").setAttribute("aria-expanded", String(this.#shown === "people"));
    find("#search-open").setAttribute("aria-expanded", String(this.#shown === "search"));
  }

  #title(text) {
    find("#panel-title").textContent = text;
  }

  // People.

  drawPeople() {
    const room = this.#server.current;
    const button = find("#people-open");
    button.hidden = !(room instanceof Room);
    if (!(room instanceof Room)) {
      if (this.#shown === "people") this.close();
      return;
    }
    find("span", button).textContent = room.total.toLocaleString();
    button.setAttribute("aria-label", `${count(room.total, "person", "people")} here`);
    button.title = "Who is here";
    if (this.#shown !== "people") return;
    this.#title(count(room.total, "person", "people"));
    const focused = document.activeElement?.dataset?.nick;
    const order = (person) => [person.away ? 1 : 0, RANK[person.staff] ?? RANK[person.role] ?? REST];
    const people = [...room.people.values()].sort((one, other) => {
      const [a, b] = [order(one), order(other)];
      return a[0] - b[0] || a[1] - b[1] || one.nick.localeCompare(other.nick);
    });
    const list = make("ul.people", {}, ...people.map((person) => this.#person(person)));
    const more = room.total - people.length;
    this.#body.replaceChildren(list, ...(more > 0 ? [make("p.small", {}, `And ${more.toLocaleString()} more.`)] : []));
    if (focused) find(`button[data-nick="${CSS.escape(focused)}"]`, list)?.focus();
  }

  #person(person) {
    const isMe = key(person.nick) === key(this.#server.me.nick);
    const away = person.away && (person.away === "away" ? "Away" : `Away: ${person.away}`);
    const notes = [ROLES[person.role], !person.account && "guest", isMe && "you", away].filter(Boolean).join(", ");
    const post = STAFF[person.staff];
    return make(
      "li",
      {},
      make(
        `button.row${person.away ? ".away" : ""}`,
        {
          type: "button",
          "data-nick": person.nick,
          title: post ? `${person.nick}, ${post.toLowerCase()} of this server` : person.nick,
          "aria-haspopup": "menu",
          onclick: (event) => this.#acts.openPerson(person, event.currentTarget),
        },
        make("span.portrait", {}, face(person.nick, "small"), make(`span.presence.${person.away ? "away" : "on"}`)),
        make("span.who", {}, bdi(person.nick, "name"), ...this.#standing(post, notes)),
      ),
    );
  }

  /** What somebody is, under the name: of the server as a badge, and then what the room knows of them. */
  #standing(post, notes) {
    if (!post) return notes ? [make("span.state", { dir: "auto" }, notes)] : [];
    const badge = make("span.post", {}, post, make("span.sr", {}, ` of this server${notes && ","} `));
    return [make("span.state", {}, badge, notes && bdi(notes))];
  }

  // Commands.

  #drawHelp() {
    const parts = [
      make(
        "p.small",
        {},
        "Whatever does not begin with a slash is said. @nick and a text is a whisper. A line that shall begin with a slash begins with two.",
      ),
    ];
    for (const [family, commands] of this.#server.words.families()) {
      const rows = commands.flatMap((each) => [
        make("dt", {}, make("code", {}, each.usage)),
        make(
          "dd",
          {},
          `${each.summary.charAt(0).toUpperCase()}${each.summary.slice(1)}.`,
          each.details && make("span.small", {}, ` ${each.details}`),
        ),
      ]);
      parts.push(make("h3", {}, family), make("dl", {}, ...rows));
    }
    this.#body.append(...parts);
  }
}
