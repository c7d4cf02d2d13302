/**
 * What the server tells: events, and answers to commands, which may come before the event. Both are applied to the server
 * here.
 */

import { ignore } from "./server.js";
import { Room, entryOf, key } from "./room.js";
import { sentence } from "./sentences.js";

const TOO_MUCH = 2500; // entries of a timeline that nobody looks at
const ENOUGH = 1200;

export class Hearing {
  #server;
  #entrance = null;

  constructor(server, link) {
    this.#server = server;
    link.onevent = (event) => this.#hear(event);
  }

  /** Whoever keeps track of who we are. */
  set entrance(entrance) {
    this.#entrance = entrance;
  }

  /** Talk in a room, just now or, with `late`, while we were not connected. */
  talk(room, entry, late = false) {
    const server = this.#server;
    if (!entry.mine && server.ignores(entry.nick)) return;
    if (!entry.mine && !server.attends(room)) {
      room.unread += 1;
      if (entry.calls) room.mentioned += 1;
      server.changed("rooms");
      if (room.timeline.entries.length > TOO_MUCH) room.timeline.trim(ENOUGH);
    }
    server.emit("said", { target: room, entry, late });
  }

  // Events.

  #hear(told) {
    const server = this.#server;
    const event = { nick: "", text: "", who: "", to: "", new: "", ...told }; // what is missing is empty, and stops nothing
    switch (event.event) {
      case "whispered":
        this.#whisper(event);
        break;
      case "mailed":
        server.waiting += 1;
        server.changed("rooms");
        server.emit("notice", { text: `${event.nick} sent you a whisper. It is in your inbox.` });
        break;
      case "operators-told":
        this.#operatorsTold(event);
        break;
      case "notice":
        server.emit("notice", { text: event.text });
        break;
      case "staff":
        this.#staff(event.who, event.role);
        if (this.#isMe(event.who)) this.#entrance.learn(); // which commands there are depends on it
        server.emit("notice", { text: sentence(event, server.me.nick) });
        break;
      case "bot":
        this.#bot(event.who, event.on);
        server.emit("notice", { text: sentence(event, server.me.nick) });
        break;
      case "lockdown":
      case "report":
      case "report-closed":
      case "audit":
      case "wallops":
        server.emit("notice", { text: sentence(event, server.me.nick) });
        break;
      case "away":
        this.#away(event.nick, event.text);
        break;
      case "gap":
        server.rooms.get(event.room)?.timeline.hole(event.first, event.last);
        break;
      default:
        this.#inRoom(event);
    }
  }

  #whisper(event) {
    const server = this.#server;
    const target = server.whispersWith(event.nick);
    const entry = { kind: "said", nick: event.nick, text: event.text, at: Date.parse(event.at), state: "" };
    server.correspondent = event.nick;
    target.timeline.add(entry);
    if (!server.attends(target)) target.unread += 1;
    server.keepWhispers();
    server.changed("rooms");
    server.emit("said", { target, entry, late: false });
  }

  /** For the operators of a room: it stands in the room, for as long as the page is open. */
  #operatorsTold(event) {
    const server = this.#server;
    const room = server.rooms.get(event.to);
    if (room) room.timeline.add(entryOf(event, server.me.nick));
    if (!room || !server.attends(room)) server.emit("notice", { text: sentence(event, server.me.nick) });
    server.changed("room");
  }

  #inRoom(event) {
    const server = this.#server;
    const room = server.rooms.get(event.room);
    if (!room || room.out) {
      if (event.event === "joined" && this.#isMe(event.nick)) this.#follow(event.room).catch(ignore);
      if (event.event === "invited" && this.#isMe(event.who)) server.emit("invited", event);
      if (event.event === "unbanned") server.emit("unbanned", event); // the server says so to nobody else
      if (event.event === "unmuted") server.emit("notice", { text: `${event.nick} unmuted you in ${event.room}.` });
      return;
    }
    const entry = room.hear(event, server.me.nick);
    if (!entry) return;
    if (entry.kind !== "event") {
      this.talk(room, entry);
      return;
    }
    if (event.event === "renamed") this.#renamed(event.nick, event.new);
    if (event.event === "left" && this.#isMe(event.nick)) server.forget(room);
    if (event.event === "joined") server.lookAgain(room);
    server.changed("room");
  }

  #isMe(nick) {
    return nick !== undefined && key(nick) === key(this.#server.me.nick);
  }

  /** Another of this person's connections went there. */
  async #follow(name) {
    const server = this.#server;
    server.see(await server.ask("join", { room: name })).isBack = true;
    if (server.current instanceof Room) await server.ask("look", { room: server.current.name });
  }

  #away(nick, text) {
    const { rooms, me } = this.#server;
    for (const room of rooms.values()) {
      const person = room.people.get(key(nick));
      if (person) person.away = text;
    }
    if (this.#isMe(nick)) me.away = text;
    this.#server.changed("room", "state");
  }

  #staff(nick, role) {
    for (const room of this.#server.rooms.values()) {
      const person = room.people.get(key(nick));
      if (person) person.staff = role;
    }
    this.#server.changed("room");
  }

  #bot(nick, on) {
    for (const room of this.#server.rooms.values()) {
      const person = room.people.get(key(nick));
      if (person) person.bot = on;
    }
    this.#server.changed("room");
  }

  /** Whispers go on under the new name. */
  #renamed(old, nick) {
    const { whispers, correspondent } = this.#server;
    if (this.#isMe(old)) this.#called(nick);
    if (this.#server.ignores(old)) this.#server.ignore([...this.#server.ignored, nick]);
    if (correspondent && key(correspondent) === key(old)) this.#server.correspondent = nick;
    const talk = whispers.get(key(old));
    if (!talk || whispers.has(key(nick))) return;
    whispers.delete(key(old));
    whispers.set(key(nick), talk);
    talk.nick = nick;
    this.#server.changed("rooms", "room");
  }

  #called(nick) {
    const { me, rooms } = this.#server;
    for (const room of rooms.values()) room.rename(me.nick, nick);
    me.nick = nick;
    this.#entrance.called(nick);
    this.#server.changed("state", "room");
  }

  // Answers.

  /** What a command has done, as its answer says. */
  did(word, answer) {
    const server = this.#server;
    const room = server.rooms.get(answer.room);
    if (Array.isArray(answer.ignored)) server.ignore(answer.ignored);
    if (word === "nick" && answer.nick !== server.me.nick) this.#called(answer.nick);
    else if (word === "away" || word === "back") this.#away(server.me.nick, answer.away);
    else if (word === "leave") server.forget(server.rooms.get(answer.left));
    else if (word === "join" || word === "create") server.goInto(answer);
    else if (word === "signup" || word === "login" || word === "resume") this.#proved(answer);
    else if (room) this.#didInRoom(word, answer, room);
    server.changed("room");
  }

  #didInRoom(word, answer, room) {
    const server = this.#server;
    if (word === "topic") room.topic = answer.topic;
    else if (word === "private" || word === "public") room.inviteOnly = answer.invite_only;
    else if (word === "password") room.locked = answer.locked;
    else if (word === "slow") room.slow = answer.seconds;
    else if (["moderated", "unlisted", "capacity"].includes(word)) room[word] = answer[word];
    else if (word === "lock") room.lock = { by: server.me.nick, until: answer.until, reason: answer.reason };
    else if (word === "unlock") room.lock = null;
    else if (word === "look") server.select(room);
    else if (["kick", "ban", "op", "deop", "voice", "unvoice"].includes(word)) server.lookAgain(room, 0);
    else if (word === "missed") for (const event of answer.events) room.timeline.add(entryOf(event, server.me.nick));
  }

  #proved(answer) {
    const server = this.#server;
    server.me = { ...server.me, nick: answer.nick, account: true };
    server.waiting = answer.waiting;
    if (answer.view) server.see(answer.view);
    this.#entrance.proved(answer);
    server.changed("state", "rooms");
  }
}
