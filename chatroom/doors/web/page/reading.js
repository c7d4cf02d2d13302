/** Reading what was said: search, and the whispers that waited. Each fills a part of the page it is given. */

import { bdi, find, hue, icon, make } from "./dom.js";
import { count, moment } from "./sentences.js";
import { marked, rich } from "./text.js";

/** @param goTo shows a line in its room */
export class Search {
  #server;
  #goTo;
  #say = make("p.small", { role: "status" }, "Searches your rooms for messages with all of the words.");
  #found = make("div.found");
  #input = make("input", {
    type: "search",
    "aria-label": "Search your rooms",
    placeholder: "Search your rooms",
    enterkeyhint: "search",
    autocomplete: "off",
  });

  constructor(server, box, goTo) {
    this.#server = server;
    this.#goTo = goTo;
    const submit = (event) => {
      event.preventDefault();
      this.lookFor(this.#input.value.trim());
    };
    box.append(
      make("form.search", { role: "search", onsubmit: submit }, icon("search"), this.#input),
      this.#say,
      this.#found,
    );
    this.#input.focus();
  }

  lookFor(words) {
    this.#input.value = words;
    this.#found.replaceChildren();
    if (words) this.#find(words, null);
  }

  async #find(words, before) {
    this.#say.textContent = "Searching …";
    let answer;
    try {
      answer = await this.#server.ask("search", { words, ...(before && { before }) });
    } catch (error) {
      this.#say.textContent = error.message;
      return;
    }
    find("button.more", this.#found)?.remove();
    const heard = answer.events.filter(({ nick }) => !this.#server.ignores(nick));
    this.#found.append(...heard.map((event) => this.#line(event, words.split(/\s+/u))));
    const number = this.#found.children.length;
    const summary = `${count(number, "message")}${answer.next ? ", and more" : ""}, newest first`;
    this.#say.textContent = number ? summary : "No messages found.";
    if (answer.next) this.#found.append(more("Older", () => this.#find(words, answer.next)));
  }

  #line(event, words) {
    const where = `${event.room}, ${moment(Date.parse(event.at))}`;
    return result(event.nick, where, marked(event.text, words), () => this.#goTo(event.room, event.seq));
  }
}

/** The inbox: new whispers are read by looking at it; old ones stand behind them. */
export class Inbox {
  #server;
  #whisper;
  #say = make("p.small", { role: "status" }, "Loading …");
  #list = make("div.found");

  /** @param whisper opens the conversation with somebody */
  constructor(server, box, whisper) {
    this.#server = server;
    this.#whisper = whisper;
    box.append(this.#say, this.#list);
    this.#look();
  }

  async #look() {
    try {
      const { whispers, unread } = await this.#server.ask("inbox");
      this.#server.waiting = unread;
      this.#server.changed("rooms");
      const none = "No new whispers. Whispers that people send while you are offline appear here.";
      this.#say.textContent = whispers.length ? count(whispers.length, "new whisper") : none;
      this.#add(whispers, true);
      if (unread) this.#list.append(more(`${unread} more`, () => this.#look()));
      else await this.#older(null, new Set(whispers.map((each) => each.number)));
    } catch (error) {
      this.#say.textContent = error.message;
    }
  }

  /** @param shown numbers of those that are here already */
  async #older(before, shown = new Set()) {
    const { whispers } = await this.#server.ask("inbox", { which: "all", ...(before && { before }) });
    this.#add(
      whispers.filter((each) => !shown.has(each.number)),
      false,
    );
    if (whispers.length) {
      const again = () => this.#older(whispers[0].number).catch((error) => (this.#say.textContent = error.message));
      this.#list.append(more("Older", again));
    }
  }

  #add(whispers, fresh) {
    find("button.more", this.#list)?.remove();
    for (const { nick, at, text } of whispers.filter((each) => !this.#server.ignores(each.nick)).toReversed()) {
      const made = result(nick, moment(Date.parse(at)), rich(text, null, false), () => this.#whisper(nick));
      made.classList.toggle("unread", fresh);
      this.#list.append(made);
    }
  }
}

function result(nick, where, text, act) {
  const head = make("span.head", {}, bdi(nick, `who.${hue(nick)}`), make("span.state", {}, where));
  return make("button.result", { type: "button", onclick: act }, head, make("span.text", { dir: "auto" }, ...text));
}

function more(label, act) {
  return make("button.more.link", { type: "button", onclick: act }, label);
}
