/** What one can do with somebody: a card with what is known of them, and what one's role in the room allows. */

import { ask, field } from "./dialogs.js";
import { bdi, choice, face, make, pop } from "./dom.js";
import { Room, key } from "./room.js";

const RANK = { __proto__: null, member: 1, operator: 2, owner: 3 };

export class PersonCard {
  #server;
  #hearing;
  #acts;

  /** @param {{say: Function, toast: Function, insert: Function, whisper: (nick: string) => void}} acts */
  constructor(server, hearing, acts) {
    this.#server = server;
    this.#hearing = hearing;
    this.#acts = acts;
  }

  open(person, button) {
    const { nick, away } = person;
    const { current, me } = this.#server;
    const about = make("p.small", { dir: "auto" }, away && away !== "away" ? away : "");
    const choices = [
      choice("whisper", "Whisper", () => this.#acts.whisper(nick)),
      choice("edit", "Mention", () => this.#acts.insert(`${nick}: `)),
      ...(current instanceof Room ? this.#order(current, person) : []),
    ];
    const isMe = key(nick) === key(me.nick);
    pop(button, make("div.card", {}, face(nick), make("div", {}, bdi(nick, "name"), about)), ...(isMe ? [] : choices));
    this.#tell(nick, about);
  }

  async #tell(nick, about) {
    try {
      about.replaceChildren((await this.#server.ask("info", { nick })).lines.join(" "));
    } catch {
      about.remove(); // gone meanwhile
    }
  }

  #order(room, person) {
    const mine = RANK[room.role] ?? 0;
    const theirs = RANK[person.role] ?? RANK.member;
    if (mine < RANK.operator || theirs >= mine) return [];
    const given = { nick: person.nick, room: room.name };
    const role =
      theirs === RANK.member
        ? choice("key", "Make an operator", () => this.#try("op", given))
        : choice("key", "Make a plain member", () => this.#try("deop", given));
    return [
      make("hr"),
      ...(mine === RANK.owner ? [role] : []),
      choice("stop", "Mute for 10 minutes", () => this.#try("mute", { ...given, duration: "10m" })),
      choice("leave", "Send out of the room", () => this.#try("kick", given)),
      choice("lock", "Ban …", () => this.#ban(given), { danger: true }),
    ];
  }

  #ban(given) {
    const duration = field("How long: 10m, 2h, 7d or forever", { name: "duration", value: "7d" });
    const reason = field("Why (told to the room)", { name: "reason" });
    const ban = (more) =>
      this.#do("ban", { ...given, duration: more.duration, ...(more.reason && { reason: more.reason }) });
    ask(`Ban ${given.nick} from ${given.room}`, [duration, reason], "Ban", ban, { danger: true });
  }

  async #do(word, given) {
    const answer = await this.#server.ask(word, given);
    this.#hearing.did(word, answer);
    this.#acts.toast(answer.lines.join(" "));
  }

  #try(word, given) {
    this.#do(word, given).catch((error) => this.#acts.say(error.message));
  }
}
