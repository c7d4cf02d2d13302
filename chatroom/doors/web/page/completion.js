/**
 * What is begun is offered whole: commands, nicknames, rooms, emoji. It is a list under the person's own control (the combobox
 * pattern of ARIA): the arrow keys choose, Tab or Enter accepts, Escape closes the list, and without it all keys do what they
 * always do.
 */

import { face, find, icon, make, bdi } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { Room, key } from "./room.js";
import { count } from "./sentences.js";

const MOST = 8;
const STEPS = { __proto__: null, ArrowDown: 1, ArrowUp: -1 };

export class Completion {
  #server;
  #text;
  #list = find("#completion");
  #offered = find("#offered");
  #offers = [];
  #chosen = 0;

  constructor(server, text) {
    this.#server = server;
    this.#text = text;
    text.addEventListener("input", () => this.update());
    text.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return this.#offers.length > 0;
  }

  update() {
    const begun = this.#text.value.slice(0, this.#text.selectionStart);
    this.#offers = this.#text.selectionStart === this.#text.selectionEnd ? this.#find(begun).slice(0, MOST) : [];
    this.#chosen = 0;
    this.#draw();
  }

  close() {
    this.#offers = [];
    this.#draw();
  }

  /** @returns whether the key was for the list */
  key(event) {
    if (!this.isOpen) return false;
    const step = STEPS[event.key];
    if (step) {
      this.#chosen = (this.#chosen + step + this.#offers.length) % this.#offers.length;
      this.#draw();
    } else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) {
      // A word that is whole already is sent, not completed.
      const offer = this.#offers[this.#chosen];
      if (event.key === "Enter" && offer.whole) {
        this.close();
        return false;
      }
      this.#take(offer);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #find(begun) {
    const { words } = this.#server;
    const command = /^\s*[/\uff0f]([^\s/]*)$/u.exec(begun);
    if (command) {
      return words.beginning(command[1]).map((each) => ({
        text: `/${each.word} `,
        from: 0,
        whole:
          [each.word, ...each.aliases].includes(command[1]) && !each.parameters.some((parameter) => parameter.required),
        shown: [
          make("span.word", {}, `/${each.word}`),
          make("span.usage", {}, each.usage.slice(each.word.length + 1)),
          make("span.summary", {}, each.summary),
        ],
      }));
    }
    const emoji = /(?:^|[^\p{L}\p{N}:]):([a-z0-9_+-]{2,24})$/u.exec(begun);
    if (emoji) return this.#emoji(emoji[1], begun.length - emoji[1].length - 1);
    const last = /(?:^|\s)(@?)([^\s@]*)$/u.exec(begun);
    if (!last) return []; // in the middle of a word, as in an address of mail
    const from = begun.length - last[2].length - last[1].length;
    if (begun.startsWith("/") && !begun.startsWith("//")) {
      const wanted = words.argumentAt(begun);
      if (wanted === "nick" || wanted === "to") return this.#people(last[2], (nick) => `${nick} `, from);
      if (wanted === "room") return this.#rooms(last[2], from);
      return [];
    }
    if (last[1]) return this.#people(last[2], (nick) => `@${nick} `, from);
    return [];
  }

  /** Names that begin so, then those in which it stands; the shorter ones first. */
  #emoji(begun, from) {
    const names = [...EMOJI.keys()].filter((name) => name.includes(begun));
    const rank = (name) => (name.startsWith(begun) ? 0 : 100) + name.length;
    return names.sort((one, other) => rank(one) - rank(other)).map((name) => ({
      text: `${EMOJI.get(name)} `,
      from,
      shown: [make("span.emoji", { "aria-hidden": "true" }, EMOJI.get(name)), make("span.word", {}, `:${name}:`)],
    }));
  }

  #people(begun, written, from) {
    const { current, me, rooms, whispers } = this.#server;
    const here = current instanceof Room ? [current] : [...rooms.values()];
    const people = new Map(
      here.flatMap((room) => [...room.people.values()]).map((person) => [key(person.nick), person.nick]),
    );
    for (const { nick } of whispers.values()) people.set(key(nick), nick);
    return [...people]
      .filter(([each]) => each.startsWith(key(begun)) && each !== key(me.nick))
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([each, nick]) => ({
        text: written(nick),
        from,
        whole: each === key(begun),
        shown: [face(nick, "small"), bdi(nick, "word")],
      }));
  }

  #rooms(begun, from) {
    return [...this.#server.rooms.values()]
      .filter((room) => room.name.startsWith(key(begun)) && room.name !== begun)
      .map((room) => ({
        text: `${room.name} `,
        from,
        shown: [icon("room"), bdi(room.name, "word"), make("span.summary", {}, room.topic)],
      }));
  }

  #take(offer) {
    this.#text.setRangeText(offer.text, offer.from, this.#text.selectionStart, "end");
    this.#text.dispatchEvent(new Event("input"));
  }

  #draw() {
    this.#list.hidden = !this.isOpen;
    const spoken = this.isOpen
      ? `${count(this.#offers.length, "completion")}. Choose with the arrow keys, accept with Tab.`
      : "";
    if (this.#offered.textContent !== spoken) this.#offered.textContent = spoken;
    this.#list.replaceChildren(
      ...this.#offers.map((offer, at) =>
        make(
          "li",
          {
            role: "option",
            id: `offer-${at}`,
            "aria-selected": String(at === this.#chosen),
            // Before the text loses the focus.
            onpointerdown: (event) => {
              event.preventDefault();
              this.#take(offer);
            },
          },
          ...offer.shown,
        ),
      ),
    );
    if (this.isOpen) {
      this.#text.setAttribute("aria-activedescendant", `offer-${this.#chosen}`);
      this.#list.children[this.#chosen].scrollIntoView({ block: "nearest" });
    } else {
      this.#text.removeAttribute("aria-activedescendant");
    }
  }
}
