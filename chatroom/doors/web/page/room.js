/**
 * One room as this person knows it, and one conversation in whispers. What happened is applied here and becomes an entry
 * of the timeline. Knows the vocabulary of events (docs/protocol.rst), and neither connection nor screen.
 */

import { calls, fold } from "./calls.js";
import { Timeline } from "./timeline.js";

export { fold as key };

/** The entry for an event. */
export function entryOf(event, me) {
  const at = Date.parse(event.at) || Date.now(); // a time that is none would stop all that is drawn
  const kind = event.event === "auto-said" ? "said" : event.event; // people read it as talk
  if (kind !== "said" && kind !== "acted") return { kind: "event", event, seq: event.seq, at };
  const { nick, text, seq } = event;
  const mine = fold(nick) === fold(me);
  return { kind, nick, text, seq, at, mine, bot: Boolean(event.bot), calls: !mine && calls(text, me).length > 0, state: "" };
}

export class Whispers {
  timeline = new Timeline();
  unread = 0;
  draft = "";
  read = null;
  newAfter = null;

  constructor(nick) {
    this.nick = nick;
    this.timeline.complete = true;
  }

  get name() {
    return this.nick;
  }
}

export class Room {
  timeline = new Timeline();
  unread = 0;
  mentioned = 0;
  draft = "";
  /** The number up to which all was read when this person looked away. */
  read = null;
  /** Likewise, while they look at what is new since then. */
  newAfter = null;
  /** In it, by the connection that there is now, and caught up. */
  isBack = false;
  topic = "";
  role = "member";
  /** By key: {nick, account, away, role, staff, bot}. */
  people = new Map();
  total = 0;
  locked = false;
  inviteOnly = false;
  keep = false;
  /** Seconds between two lines of one person, or 0. */
  slow = 0;
  /** The lock that keeps newcomers out, with `until` (null: until it is lifted); or null. */
  lock = null;
  /** Who sets the topic: "members" or "operators". */
  topicBy = "members";
  /** Only operators and people with voice can talk. */
  moderated = false;
  unlisted = false;
  /** So many people can join; 0: any number. */
  capacity = 0;
  /** Why one is no longer in it, or "". */
  out = "";
  /** To join it again with, for as long as the page is open. */
  password = "";

  constructor(name) {
    this.name = name;
  }

  /** How the server shows the room to somebody who comes in, for the first time or again. */
  see(view, me) {
    this.out = "";
    this.topic = view.topic;
    this.role = view.role;
    this.locked = view.locked;
    this.inviteOnly = view.invite_only;
    this.keep = view.keep;
    this.slow = view.slow;
    this.lock = view.lock;
    this.topicBy = view.topic_by;
    this.moderated = view.moderated;
    this.unlisted = view.unlisted;
    this.capacity = view.capacity;
    this.total = view.people_total;
    this.people = new Map(view.people.map((person) => [fold(person.nick), person]));
    const line = this.timeline;
    if (!line.heard) {
      for (const event of view.recent) line.add(entryOf(event, me));
      line.heard = view.last;
      if (view.missed) this.newAfter = view.read;
      return;
    }
    const since = Math.min(line.heard, ...line.unsent().map((entry) => entry.after));
    line.hole(since + 1, view.last);
    line.heard = Math.max(line.heard, view.last);
  }

  /** What has just happened. @returns the entry, or null if it is known already */
  hear(event, me) {
    this.timeline.heard = Math.max(this.timeline.heard, event.seq);
    if (this.timeline.has(event.seq)) return null;
    this.#apply(event, me);
    return this.timeline.add(entryOf(event, me));
  }

  #apply(event, me) {
    const people = this.people;
    switch (event.event) {
      case "joined":
        if (!people.has(fold(event.nick))) this.total += 1;
        people.set(fold(event.nick), {
          account: !event.guest,
          bot: Boolean(event.bot),
          away: "",
          role: "member",
          ...people.get(fold(event.nick)),
          nick: event.nick,
        });
        break;
      case "left":
        this.#remove(event.nick);
        break;
      case "kicked":
      case "banned":
        this.#remove(event.who);
        if (fold(event.who) === fold(me)) {
          const done = event.event === "banned" ? "banned" : "kicked";
          this.out = `${event.nick} ${done} you from this room${event.reason ? `: ${event.reason}` : "."}`;
        }
        break;
      case "renamed":
        this.rename(event.nick, event.new);
        break;
      case "topic":
        this.topic = event.text;
        break;
      case "room-password":
        this.locked = event.on;
        break;
      case "invite-only":
        this.inviteOnly = event.on;
        break;
      case "slow":
        this.slow = event.seconds;
        break;
      case "moderated":
        this.moderated = event.on;
        break;
      case "unlisted":
        this.unlisted = event.on;
        break;
      case "capacity":
        this.capacity = event.people;
        break;
      case "locked":
        this.lock = event;
        break;
      case "unlocked":
        this.lock = null;
        break;
      case "topic-rule":
        this.topicBy = event.by;
        break;
      case "role":
        if (people.has(fold(event.who))) people.get(fold(event.who)).role = event.role;
        if (fold(event.who) === fold(me)) this.role = event.role;
        break;
    }
  }

  /** Whether a lock keeps newcomers out now. */
  get isShut() {
    return this.lock !== null && !(Date.parse(this.lock.until) < Date.now());
  }

  rename(old, nick) {
    const person = this.people.get(fold(old));
    if (!person) return;
    this.people.delete(fold(old));
    this.people.set(fold(nick), { ...person, nick });
  }

  #remove(nick) {
    if (this.people.delete(fold(nick))) this.total -= 1;
    else this.total = Math.max(0, this.total - 1);
  }
}
