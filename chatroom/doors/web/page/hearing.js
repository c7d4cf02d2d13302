/**
 * What the server tells: events, and answers to commands, which may come before the event. Both are applied to the house
 * here.
 */

import { ignore } from "./house.js";
import { Room, entryOf, key } from "./room.js";
import { sentence } from "./sentences.js";

const TOO_MUCH = 2500; // entries of a timeline that nobody looks at
const ENOUGH = 1200;

export class Hearing {
  #house;
  #entrance = null;

  constructor(house, link) {
    this.#house = house;
    link.onevent = (event) => this.#hear(event);
  }

  /** Whoever keeps track of who we are. */
  set entrance(entrance) {
    this.#entrance = entrance;
  }

  /** Talk in a room, just now or, with `late`, while we were not connected. */
  talk(room, entry, late = false) {
    const house = this.#house;
    if (!entry.mine && house.ignores(entry.nick)) return;
    if (!entry.mine && !house.attends(room)) {
      room.unread += 1;
      if (entry.calls) room.mentioned += 1;
      house.changed("rooms");
      if (room.timeline.entries.length > TOO_MUCH) room.timeline.trim(ENOUGH);
    }
    house.emit("said", { target: room, entry, late });
  }

  // Events.

  #hear(told) {
    const house = this.#house;
    const event = { nick: "", text: "", who: "", to: "", new: "", ...told }; // what is missing is empty, and stops nothing
    switch (event.event) {
      case "whispered":
        this.#whisper(event);
        break;
      case "mailed":
        house.waiting += 1;
        house.changed("rooms");
        house.emit("notice", { text: `A whisper from ${event.nick} waits in your inbox.` });
        break;
      case "notice":
        house.emit("notice", { text: event.text });
        break;
      case "staff":
        this.#staff(event.who, event.role);
        house.emit("notice", { text: sentence(event) });
        break;
      case "lockdown":
      case "report":
      case "report-closed":
      case "audit":
        house.emit("notice", { text: sentence(event) });
        break;
      case "away":
        this.#away(event.nick, event.text);
        break;
      case "gap":
        house.rooms.get(event.room)?.timeline.hole(event.first, event.last);
        break;
      default:
        this.#inRoom(event);
    }
  }

  #whisper(event) {
    const house = this.#house;
    const target = house.whispersWith(event.nick);
    const entry = { kind: "said", nick: event.nick, text: event.text, at: Date.parse(event.at), state: "" };
    house.correspondent = event.nick;
    target.timeline.add(entry);
    if (!house.attends(target)) target.unread += 1;
    house.keepWhispers();
    house.changed("rooms");
    house.emit("said", { target, entry, late: false });
  }

  #inRoom(event) {
    const house = this.#house;
    const room = house.rooms.get(event.room);
    if (!room) {
      if (event.event === "joined" && this.#isMe(event.nick)) this.#follow(event.room).catch(ignore);
      if (event.event === "invited" && this.#isMe(event.who)) house.emit("invited", event);
      return;
    }
    const entry = room.hear(event, house.me.nick);
    if (!entry) return;
    if (entry.kind !== "event") {
      this.talk(room, entry);
      return;
    }
    if (event.event === "renamed") this.#renamed(event.nick, event.new);
    if (event.event === "left" && this.#isMe(event.nick)) house.forget(room);
    if (event.event === "joined") house.lookAgain(room);
    house.changed("room");
  }

  #isMe(nick) {
    return nick !== undefined && key(nick) === key(this.#house.me.nick);
  }

  /** Another of this person's connections went there. */
  async #follow(name) {
    const house = this.#house;
    house.see(await house.ask("join", { room: name })).isBack = true;
    if (house.current instanceof Room) await house.ask("look", { room: house.current.name });
  }

  #away(nick, text) {
    const { rooms, me } = this.#house;
    for (const room of rooms.values()) {
      const person = room.people.get(key(nick));
      if (person) person.away = text;
    }
    if (this.#isMe(nick)) me.away = text;
    this.#house.changed("room", "state");
  }

  #staff(nick, role) {
    for (const room of this.#house.rooms.values()) {
      const person = room.people.get(key(nick));
      if (person) person.staff = role;
    }
    this.#house.changed("room");
  }

  /** Whispers go on under the new name. */
  #renamed(old, nick) {
    const { whispers, correspondent } = this.#house;
    if (this.#isMe(old)) this.#called(nick);
    if (this.#house.ignores(old)) this.#house.ignore([...this.#house.ignored, nick]);
    if (correspondent && key(correspondent) === key(old)) this.#house.correspondent = nick;
    const talk = whispers.get(key(old));
    if (!talk || whispers.has(key(nick))) return;
    whispers.delete(key(old));
    whispers.set(key(nick), talk);
    talk.nick = nick;
    this.#house.changed("rooms", "room");
  }

  #called(nick) {
    const { me, rooms } = this.#house;
    for (const room of rooms.values()) room.rename(me.nick, nick);
    me.nick = nick;
    this.#entrance.called(nick);
    this.#house.changed("state", "room");
  }

  // Answers.

  /** What a command has done, as its answer says. */
  did(word, answer) {
    const house = this.#house;
    const room = house.rooms.get(answer.room);
    if (Array.isArray(answer.ignored)) house.ignore(answer.ignored);
    if (word === "nick" && answer.nick !== house.me.nick) this.#called(answer.nick);
    else if (word === "away" || word === "back") this.#away(house.me.nick, answer.away);
    else if (word === "leave") house.forget(house.rooms.get(answer.left));
    else if (word === "join" || word === "create") house.goInto(answer);
    else if (word === "signup" || word === "login" || word === "resume") this.#proved(answer);
    else if (room) this.#didInRoom(word, answer, room);
    house.changed("room");
  }

  #didInRoom(word, answer, room) {
    const house = this.#house;
    if (word === "topic") room.topic = answer.topic;
    else if (word === "private" || word === "public") room.inviteOnly = answer.invite_only;
    else if (word === "password") room.locked = answer.locked;
    else if (word === "look") house.select(room);
    else if (["kick", "ban", "op", "deop"].includes(word)) house.lookAgain(room, 0);
    else if (word === "missed") for (const event of answer.events) room.timeline.add(entryOf(event, house.me.nick));
  }

  #proved(answer) {
    const house = this.#house;
    house.me = { ...house.me, nick: answer.nick, account: true };
    house.waiting = answer.waiting;
    if (answer.view) house.see(answer.view);
    this.#entrance.proved(answer);
    house.changed("state", "rooms");
  }
}
