/**
 * Coming into the house, for the first time or again: as a guest, by a password, or by the token of a session. After a lost
 * connection, it goes back into the rooms one was in. It remembers who one is (store.js).
 */

import { ignore } from "./house.js";
import { Lost, Refused } from "./link.js";
import { Room } from "./room.js";
import { forgetSession, writeSession } from "./store.js";

const HELD_WAIT = 3000; // ms until a nickname that our own lost connection still holds is tried again
const HELD_TRIES = 50;
const HELD_TURNS = 12; // of them by one connection, which may not stand at the door for ever

export class Entrance {
  #house;
  #link;
  #heardLate;
  #who = null;
  #entering = null;
  #held = 0;

  /** @param {(room: Room, entry: object) => void} heardLate told of what was said while we were away */
  constructor(house, link, heardLate) {
    this.#house = house;
    this.#link = link;
    this.#heardLate = heardLate;
    link.onopen = () => this.#greet();
    link.onstate = () => this.#connection();
    for (const name of ["state", "rooms", "current", "ignored"]) house.addEventListener(name, () => this.#remember());
  }

  /** Why we are not back yet: our nickname is still held by the connection that was lost. */
  get isHeld() {
    return this.#held > 0;
  }

  /**
   * @param {{nick: string, password?: string, token?: string, signup?: boolean, keep?: boolean, room?: string,
   *   rooms?: string[], current?: string, fresh?: boolean}} who fresh: typed just now, and not remembered
   * @throws {Refused}
   */
  enter(who) {
    this.#who = { rooms: [], ...who };
    this.#held = 0;
    return new Promise((resolve, reject) => {
      this.#entering = { resolve, reject };
      this.#link.open();
    });
  }

  /** Leave the house for good. With `logout`, an account's session ends. */
  async quit(logout) {
    forgetSession();
    this.#who = null;
    await this.#house.ask(logout ? "logout" : "quit").catch(ignore);
    this.#link.close();
    this.#end(null);
  }

  /** An account from now on, or again. */
  proved(answer) {
    Object.assign(this.#who, { nick: answer.nick, token: answer.token ?? this.#who.token });
    this.learn();
  }

  called(nick) {
    if (this.#who) this.#who.nick = nick;
  }

  /** Which commands there are depends on who one is. */
  async learn() {
    try {
      this.#house.words.learn((await this.#house.ask("help")).commands);
    } catch (error) {
      ignore(error);
    }
  }

  async #greet() {
    try {
      const answer = await this.#hello(this.#who);
      this.#held = 0;
      this.#link.settled();
      await this.#come(answer);
    } catch (error) {
      if (error instanceof Refused) this.#turnedAway(error);
      else if (!(error instanceof Lost)) throw error;
    }
  }

  async #hello(who) {
    const house = this.#house;
    if (who.token) return house.ask("hello", { token: who.token });
    if (who.password && !who.signup) return house.ask("hello", { nick: who.nick, password: who.password });
    const answer = await house.ask("hello", { nick: who.nick });
    return who.signup ? { ...answer, ...(await house.ask("signup", { password: who.password })) } : answer;
  }

  #turnedAway(error) {
    const who = this.#who;
    if (!who.fresh && error.code === "nick-taken" && this.#held < HELD_TRIES) {
      this.#held += 1;
      if (this.#held % HELD_TURNS === 0) this.#link.close();
      setTimeout(
        () => this.#who === who && (this.#link.state === "open" ? this.#greet() : this.#link.open()),
        HELD_WAIT,
      );
      this.#house.changed("state");
      return;
    }
    this.#who = null;
    this.#link.close();
    this.#end(error);
  }

  async #come(answer) {
    const house = this.#house;
    const who = this.#who;
    const first = house.me === null;
    house.me = { nick: answer.nick, account: answer.account, away: house.me?.away ?? "" };
    house.waiting = answer.waiting;
    Object.assign(who, { nick: answer.nick, token: answer.token ?? who.token, signup: false, fresh: false });
    delete who.password;
    this.learn();
    await this.#ignoreAgain(answer.account);
    if (first) house.recallWhispers();
    await this.#goBack(answer.view);
    if (house.me.away) house.ask("away", { text: house.me.away }).catch(ignore);
    this.#entering?.resolve();
    this.#entering = null;
    house.changed("state", "rooms", "room");
    await Promise.all(
      [...house.rooms.values()].map((room) => house.catchUp(room, (entry) => this.#heardLate(room, entry))),
    );
  }

  /** The server knows whom an account ignores. Whom a guest ignores, this page remembers, and tells it again. */
  async #ignoreAgain(account) {
    const house = this.#house;
    const nicks = house.ignored.size ? [...house.ignored] : (this.#who.ignored ?? []);
    house.ignore(nicks);
    try {
      if (!account) for (const nick of nicks) await house.ask("ignore", { nick });
      house.ignore((await house.ask("ignore")).ignored);
    } catch (error) {
      ignore(error); // it is as it was, then
    }
  }

  /** Into all rooms: the one we are in by now, those remembered, those of a lost connection, and the one asked for. */
  async #goBack(view) {
    const house = this.#house;
    const who = this.#who;
    const lost = [...house.rooms.values()].filter((room) => !room.out).map((room) => room.name);
    const names = new Set([...who.rooms, ...lost]);
    who.rooms = [];
    if (view) names.delete(house.see(view).name);
    for (const name of names) await this.#into(name);
    if (who.room) await this.#goTo(who.room);
    house.select(house.current ?? house.rooms.get(who.current) ?? [...house.rooms.values()].at(-1) ?? null);
  }

  async #into(name) {
    const house = this.#house;
    const room = house.rooms.get(name);
    try {
      house.see(await house.ask("join", { room: name, ...(room?.password && { password: room.password }) }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (room) room.out = error.message;
      else if (name === this.#who.current) house.emit("shut", { room: name, error });
      else house.emit("notice", { text: error.message });
    }
  }

  async #goTo(name) {
    delete this.#who.room;
    try {
      await this.#house.join(name);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#house.emit("shut", { room: name, error });
    }
  }

  #end(error) {
    const entering = this.#entering;
    const { nick = "", account = false } = this.#house.me ?? {};
    this.#entering = null;
    this.#house.clear();
    if (entering) entering.reject(error);
    else this.#house.emit("ended", { text: error?.message ?? "", nick, account });
  }

  #connection() {
    const { state, sentence } = this.#link;
    if (state !== "open") for (const room of this.#house.rooms.values()) room.isBack = false;
    if (state === "waiting" && this.#who?.fresh) {
      this.#who = null;
      this.#link.close();
      this.#end(new Refused("unreachable", sentence || "The server cannot be reached. Try again in a moment."));
    } else if (state === "closed" && this.#who && !this.#held) {
      this.#who = null;
      this.#end(new Refused("closed", sentence || "The server has closed the connection."));
    }
    this.#house.changed("state");
  }

  #remember() {
    const { me, rooms, current } = this.#house;
    if (!this.#who || !me) return;
    const { nick, token = null, keep = false } = this.#who;
    const names = [...rooms.values()].filter((room) => !room.out).map((room) => room.name);
    const ignored = me.account ? [] : [...this.#house.ignored];
    const seen = current instanceof Room ? current.name : null;
    writeSession({ nick, token, keep, rooms: names, current: seen, ignored });
  }
}
