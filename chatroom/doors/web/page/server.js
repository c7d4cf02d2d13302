/**
 * The server as this person knows it: who I am, my rooms, my whispers, and what I can do there. It knows no screen; whoever
 * shows it listens to its events, each told at most once in a turn:
 *
 *   state     who I am has changed, or whether I am connected
 *   rooms     the list of rooms and whispers, or what is unread in them
 *   current   another one is looked at
 *   ignored   who is not listened to has changed
 *   room      what is known of the one looked at: topic, people, whether I am in it
 *
 * and, with a detail and each time:
 *
 *   said      {target, entry, late}: somebody said something; late: while we were not connected
 *   notice    {text}: for this person alone; a text, or the parts of a sentence
 *   invited   {nick, room}
 *   shut      {room, error}: that room could not be gone into on the way in
 *   ended     {text, nick, account}: the server has said goodbye, or does not let us in again
 *
 * How one comes in is in entrance.js, what the server tells in hearing.js.
 */

import { fillHoles, stillUnsaid } from "./history.js";
import { Lost, Refused } from "./link.js";
import { Room, Whispers, key } from "./room.js";
import { readWhispers, writeWhispers } from "./store.js";
import { Words } from "./words.js";

const LOOK_AGAIN = 1500; // ms after somebody joined until the list of people is asked for
const MANY = 300; // people in a room beyond which it is not
const KEPT_WHISPERS = 200; // of one conversation, across a reload

export class Server extends EventTarget {
  /** {nick, account, away}, or null before one is in. */
  me = null;
  /** How many whispers wait in the inbox. */
  waiting = 0;
  rooms = new Map();
  whispers = new Map();
  /** The room or the whispers that are looked at. */
  current = null;
  /** Who whispered last. */
  correspondent = null;
  /** By key: those of whom nothing is shown. */
  ignored = new Set();
  words = new Words();

  #link;
  #changed = new Set();
  #lookAgain = new Map();

  constructor(link) {
    super();
    this.#link = link;
  }

  /** Any request. @throws {Refused} @throws {Lost} */
  ask(word, given) {
    // A session that is kept lets this page back in without the password, however long it was offline.
    const keeps = ["hello", "login", "signup"].includes(word) && given?.password !== undefined;
    return this.#link.request(word, keeps ? { keep: true, ...given } : given);
  }

  /** Something has changed that is shown. */
  changed(...names) {
    if (!this.#changed.size) {
      queueMicrotask(() => {
        const changed = [...this.#changed];
        this.#changed.clear();
        for (const name of changed) this.emit(name);
      });
    }
    for (const name of names) this.#changed.add(name);
  }

  emit(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Nobody is here any more. */
  clear() {
    this.me = this.current = this.correspondent = null;
    this.ignored.clear();
    this.rooms.clear();
    this.whispers.clear();
  }

  // Rooms.

  /** What an answer tells of a room one is in. */
  see(view) {
    let room = this.rooms.get(view.room);
    if (!room) this.rooms.set(view.room, (room = new Room(view.room)));
    room.see(view, this.me.nick);
    if (view.people_total > view.people.length) this.lookAgain(room, 0);
    this.changed("rooms", "room");
    return room;
  }

  /** Go into a room and look at it. Where there is none, none is made. @throws {Refused} */
  async join(name, password = "") {
    return this.goInto(await this.ask("join", { room: name, ...(password && { password }) }), password);
  }

  /** A room of one's own. @throws {Refused} */
  async makeRoom(name, keep = false, inviteOnly = false) {
    const room = this.goInto(await this.ask("create", { room: name, ...(keep && { keep }) }));
    if (inviteOnly) room.inviteOnly = (await this.ask("private", { room: room.name })).invite_only;
    this.changed("room", "rooms");
  }

  /** Look at a room that has just been entered. */
  goInto(view, password = "") {
    const room = this.see(view);
    room.password = password || room.password;
    room.isBack = true;
    this.select(room);
    fillHoles(this, room).catch(ignore);
    return room;
  }

  async leave(room) {
    if (!room.out) await this.ask("leave", { room: room.name });
    this.forget(room);
  }

  /** One is not in it any more. */
  forget(room) {
    this.rooms.delete(room.name);
    if (this.current === room) this.select([...this.rooms.values()][0] ?? null);
    this.changed("rooms");
  }

  /** Look at a room or at whispers. */
  select(target) {
    if (this.current && this.current !== target) this.seen(this.current);
    if (target?.unread && target.newAfter === null) target.newAfter = target.read;
    this.current = target;
    if (target) target.unread = target.mentioned = 0;
    if (target instanceof Room && !target.out) this.ask("look", { room: target.name }).catch(ignore);
    this.changed("current", "rooms");
  }

  /** All of it is read; what comes from now on is new. */
  seen(target) {
    target.newAfter = null;
    target.read = target.timeline.heard || target.timeline.last;
  }

  attends(target) {
    return target === this.current && document.visibilityState === "visible";
  }

  /** Ask who is in the room, as events do not tell all there is to know of somebody. */
  lookAgain(room, wait = LOOK_AGAIN) {
    if (room.total > MANY && wait) return;
    clearTimeout(this.#lookAgain.get(room));
    const look = async () => {
      const { people, people_total: total } = await this.ask("who", { room: room.name });
      room.people = new Map(people.map((person) => [key(person.nick), person]));
      room.total = total;
      room.role = room.people.get(key(this.me.nick))?.role ?? room.role;
      this.changed("room");
    };
    this.#lookAgain.set(
      room,
      setTimeout(() => look().catch(ignore), wait),
    );
  }

  // Talk.

  ignores(nick) {
    return this.ignored.size > 0 && this.ignored.has(key(nick));
  }

  /** Listen to everybody but these. */
  ignore(nicks) {
    const ignored = new Set(nicks.map(key));
    if (ignored.size === this.ignored.size && [...ignored].every((each) => this.ignored.has(each))) return;
    this.ignored = ignored;
    this.changed("ignored", "rooms");
  }

  say(target, text, kind = "said") {
    const line = target.timeline;
    const entry = line.send({ kind, nick: this.me.nick, text, at: Date.now(), after: line.heard });
    if (target instanceof Room) this.#deliver(target, entry);
    else this.#whisper(target, entry);
  }

  /** Send again what was lost. */
  again(target, entry) {
    target.timeline.remove(entry);
    this.say(target, entry.text, entry.kind);
  }

  async #deliver(room, entry) {
    if (!room.isBack) return; // it is sent when we are
    try {
      const kept = await this.ask(entry.kind === "acted" ? "me" : "say", { room: room.name, text: entry.text });
      room.timeline.heard = Math.max(room.timeline.heard, kept.seq);
      room.timeline.sent(entry, kept.seq, Date.parse(kept.at));
    } catch (error) {
      // Lost: it stays as it is, and is looked for when we are back.
      if (error instanceof Refused) fail(room, entry, error.message);
    }
  }

  async #whisper(target, entry) {
    try {
      const { delivered } = await this.ask("whisper", { to: target.nick, text: entry.text });
      target.timeline.sent(entry, 0, Date.now());
      if (!delivered) this.note(target, [`${target.nick} is offline and can read your whisper later, in the inbox.`]);
      this.keepWhispers();
    } catch (error) {
      if (error instanceof Refused) fail(target, entry, error.message);
      else fail(target, entry, "The connection was lost. The whisper may not have arrived.", true);
    }
  }

  /** Something for this person alone, where they are looking. */
  note(target, lines) {
    target?.timeline.add({ kind: "note", lines, at: Date.now() });
  }

  // Whispers.

  whispersWith(nick) {
    let found = this.whispers.get(key(nick));
    if (!found) this.whispers.set(key(nick), (found = new Whispers(nick)));
    return found;
  }

  forgetWhispers(target) {
    this.whispers.delete(key(target.nick));
    if (this.current === target) this.select([...this.rooms.values()][0] ?? null);
    this.keepWhispers();
    this.changed("rooms");
  }

  keepWhispers() {
    const isKept = (entry) => entry.kind === "said" && !entry.state;
    const bare = ({ mine, text, at }) => ({ mine, text, at });
    const talks = [...this.whispers.values()].map(({ nick, timeline }) => ({
      nick,
      lines: timeline.entries.filter(isKept).slice(-KEPT_WHISPERS).map(bare),
    }));
    writeWhispers(this.me.nick, talks);
  }

  recallWhispers() {
    for (const { nick, lines } of readWhispers(this.me.nick)) {
      const { timeline } = this.whispersWith(nick);
      for (const line of lines)
        timeline.add({ kind: "said", nick: line.mine ? this.me.nick : nick, state: "", ...line });
    }
  }

  /** Back in a room: fetch what was missed, then send what was not said. */
  async catchUp(room, found) {
    const mine = await fillHoles(this, room, found);
    if (room.out) return;
    room.isBack = true;
    for (const entry of stillUnsaid(room, mine)) this.#deliver(room, entry);
  }
}

/** @param lost it is not known whether it arrived: it may be sent again as it is */
function fail(target, entry, why, lost = false) {
  Object.assign(entry, { state: "failed", why, lost });
  target.timeline.update(entry);
}

/** A refusal that changes nothing, or a connection lost meanwhile: there is nothing to do about it. */
export function ignore(error) {
  if (!(error instanceof Refused || error instanceof Lost)) throw error;
}
