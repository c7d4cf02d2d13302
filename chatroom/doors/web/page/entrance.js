/**
 * Coming to the server, for the first time or again: as a guest, by a password, or by the token of a session. After a lost
 * connection, it goes back into the rooms one was in. It remembers who one is (store.js).
 */

import { ignore } from "./server.js";
import { Lost, Refused } from "./link.js";
import { Room } from "./room.js";
import { forgetSession, writeSession } from "./store.js";

const HELD_WAIT = 3000; // ms until a nickname that our own lost connection still holds is tried again
const HELD_TRIES = 50;
const HELD_TURNS = 12; // of them by one connection, which may not stand at the door forever

export class Entrance {
  #server;
  #link;
  #heardLate;
  #who = null;
  #entering = null;
  #held = 0;

  /** @param {(room: Room, entry: object) => void} heardLate told of what was said while we were away */
  constructor(server, link, heardLate) {
    this.#server = server;
    this.#link = link;
    this.#heardLate = heardLate;
    link.onopen = () => this.#greet();
    link.onstate = () => this.#connection();
    for (const name of ["state", "rooms", "current", "ignored"]) server.addEventListener(name, () => this.#remember());
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

  /** Leave the server for good. With `logout`, an account's session ends. */
  async quit(logout) {
    forgetSession();
    this.#who = null;
    await this.#server.ask(logout ? "logout" : "quit").catch(ignore);
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
      this.#server.words.learn((await this.#server.ask("help")).commands);
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
    const server = this.#server;
    if (who.token) return server.ask("hello", { token: who.token });
    if (who.password && !who.signup) return server.ask("hello", { nick: who.nick, password: who.password });
    const answer = await server.ask("hello", { nick: who.nick });
    return who.signup ? { ...answer, ...(await server.ask("signup", { password: who.password })) } : answer;
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
      this.#server.changed("state");
      return;
    }
    this.#who = null;
    this.#link.close();
    this.#end(error);
  }

  async #come(answer) {
    const server = this.#server;
    const who = this.#who;
    const first = server.me === null;
    server.me = { nick: answer.nick, account: answer.account, away: server.me?.away ?? "" };
    server.waiting = answer.waiting;
    Object.assign(who, { nick: answer.nick, token: answer.token ?? who.token, signup: false, fresh: false });
    delete who.password;
    this.learn();
    await this.#ignoreAgain(answer.account);
    if (first) server.recallWhispers();
    await this.#goBack(answer.view);
    if (server.me.away) server.ask("away", { text: server.me.away }).catch(ignore);
    this.#entering?.resolve();
    this.#entering = null;
    server.changed("state", "rooms", "room");
    await Promise.all(
      [...server.rooms.values()].map((room) => server.catchUp(room, (entry) => this.#heardLate(room, entry))),
    );
  }

  /** The server knows whom an account ignores. Whom a guest ignores, this page remembers, and tells it again. */
  async #ignoreAgain(account) {
    const server = this.#server;
    const nicks = server.ignored.size ? [...server.ignored] : (this.#who.ignored ?? []);
    server.ignore(nicks);
    try {
      if (!account) for (const nick of nicks) await server.ask("ignore", { nick });
      server.ignore((await server.ask("ignore")).ignored);
    } catch (error) {
      ignore(error); // it is as it was, then
    }
  }

  /** Into all rooms: the one we are in by now, those remembered, those of a lost connection, and the one asked for. */
  async #goBack(view) {
    const server = this.#server;
    const who = this.#who;
    const lost = [...server.rooms.values()].filter((room) => !room.out).map((room) => room.name);
    const names = new Set([...who.rooms, ...lost]);
    who.rooms = [];
    if (view) names.delete(server.see(view).name);
    for (const name of names) await this.#into(name);
    if (who.room) await this.#goTo(who.room);
    server.select(server.current ?? server.rooms.get(who.current) ?? [...server.rooms.values()].at(-1) ?? null);
  }

  async #into(name) {
    const server = this.#server;
    const room = server.rooms.get(name);
    try {
      server.see(await server.ask("join", { room: name, ...(room?.password && { password: room.password }) }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (room) room.out = error.message;
      else if (name === this.#who.current) server.emit("shut", { room: name, error });
      else server.emit("notice", { text: error.message });
    }
  }

  async #goTo(name) {
    delete this.#who.room;
    try {
      await this.#server.join(name);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#server.emit("shut", { room: name, error });
    }
  }

  #end(error) {
    const entering = this.#entering;
    const { nick = "", account = false } = this.#server.me ?? {};
    this.#entering = null;
    this.#server.clear();
    if (entering) entering.reject(error);
    else this.#server.emit("ended", { text: error?.message ?? "", nick, account });
  }

  #connection() {
    const { state, sentence } = this.#link;
    if (state !== "open") for (const room of this.#server.rooms.values()) room.isBack = false;
    if (state === "waiting" && this.#who?.fresh) {
      this.#who = null;
      this.#link.close();
      this.#end(new Refused("unreachable", sentence || "The server does not answer. Try again in a moment."));
    } else if (state === "closed" && this.#who && !this.#held) {
      this.#who = null;
      this.#end(new Refused("closed", sentence || "The server closed the connection."));
    }
    this.#server.changed("state");
  }

  #remember() {
    const { me, rooms, current } = this.#server;
    if (!this.#who || !me) return;
    const { nick, token = null, keep = false } = this.#who;
    const names = [...rooms.values()].filter((room) => !room.out).map((room) => room.name);
    const ignored = me.account ? [] : [...this.#server.ignored];
    const seen = current instanceof Room ? current.name : null;
    writeSession({ nick, token, keep, rooms: names, current: seen, ignored });
  }
}
