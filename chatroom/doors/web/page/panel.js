/** Beside the room: who is in it, search, the inbox, the commands. One at a time. */

import { bdi, face, find, icon, make } from "./dom.js";
import { Inbox, Search } from "./reading.js";
import { Room, key } from "./room.js";
import { rove, settle } from "./roving.js";
import { count } from "./sentences.js";

const TITLES = { __proto__: null, people: "", search: "Search", inbox: "Inbox", help: "Commands" };
const ROLES = { __proto__: null, owner: "Owner", operator: "Operator", voice: "Voice" };
const STAFF = { __proto__: null, admin: "Admin", moderator: "Moderator" };
const RANK = { __proto__: null, admin: 0, moderator: 1, owner: 2, operator: 3, voice: 4 };
const REST = 5;

export class Panel {
  #server;
  #acts;
  #box = find("#panel");
  #body = find("#panel-body");
  #shown = null;
  #opener = null;
  #search = null;
  #people = null; // the list, while it is shown

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
    this.#body.toggleAttribute("tabindex", false);
    this.#people = null;
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
    button.setAttribute("aria-label", `${count(room.total, "person", "people")} in this room`);
    button.title = "People";
    if (this.#shown !== "people") return;
    this.#title(count(room.total, "person", "people"));
    this.#people ??= this.#makePeople();
    this.#listPeople(room);
  }

  /** The list of people with its filter, which stay while people come and go. */
  #makePeople() {
    const filter = make("input", {
      type: "search",
      placeholder: "Filter people",
      "aria-label": "Filter people",
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      oninput: () => this.drawPeople(),
      onkeydown: (event) => {
        if (event.key === "ArrowDown") find("button[tabindex='0']", list)?.focus();
        if (event.key !== "Escape" || !filter.value) return;
        event.stopPropagation(); // the first one empties it, the second one closes the panel
        event.preventDefault();
        filter.value = "";
        this.drawPeople();
      },
    });
    const list = rove(make("ul.people", { "aria-label": "People in this room" }));
    const more = make("p.small", { role: "status" });
    this.#body.replaceChildren(make("div.search", {}, icon("search"), filter), list, more);
    return { filter, list, more };
  }

  #listPeople(room) {
    const { filter, list, more } = this.#people;
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.name : undefined;
    const order = (person) => [person.away ? 1 : 0, RANK[person.staff] ?? RANK[person.role] ?? REST];
    const wanted = key(filter.value.trim().replace(/^@/u, ""));
    const people = [...room.people.entries()]
      .filter(([each]) => each.includes(wanted))
      .map(([, person]) => person)
      .sort((one, other) => {
        const [a, b] = [order(one), order(other)];
        return a[0] - b[0] || a[1] - b[1] || one.nick.localeCompare(other.nick);
      });
    list.replaceChildren(...people.map((person) => this.#person(person)));
    settle(list);
    const unknown = room.total - room.people.size;
    const rest = unknown > 0 ? `${unknown.toLocaleString()} more people are not listed here. ` : "";
    more.textContent = wanted ? `${rest}${people.length ? count(people.length, "match", "matches") : "No match."}` : rest;
    if (focused) find(`button[data-name="${CSS.escape(focused)}"]`, list)?.focus();
  }

  #person(person) {
    const isMe = key(person.nick) === key(this.#server.me.nick);
    const away = person.away && (person.away === "away" ? "Away" : `Away: ${person.away}`);
    const notes = [ROLES[person.role], person.bot && "bot", !person.account && "guest", isMe && "you", away].filter(Boolean).join(", ");
    const post = STAFF[person.staff];
    return make(
      "li",
      {},
      make(
        `button.row${person.away ? ".away" : ""}`,
        {
          type: "button",
          "data-name": person.nick,
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
    this.#body.tabIndex = 0; // it scrolls, and has nothing in it that could have the focus
    const parts = [
      make(
        "p.small",
        {},
        "Type a message, or one of these commands. @nick and a text is a whisper. To send a line that starts with a slash, type two.",
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
