/**
 * Rooms in the address bar: https://chat.example.org/#garden. Looking at a room writes its address, and an address that is
 * typed, followed or gone back to leads into its room. It knows how a room's name is written there, and who shows it.
 */

import { Room, key } from "./room.js";

/** The room that an address asks for, as somebody may have written it, or "". */
export function roomOf(hash) {
  const written = hash.replace(/^#/u, "");
  // Only what is an encoding is taken for one: in c++ and 100% nothing is.
  const read = written.replace(/(?:%[0-9a-f]{2})+/giu, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
  return read.trim().replace(/^#+/u, "");
}

/** How a room's name is written in an address; what is no text in it becomes a question mark, as in what we send. */
export function hashOf(room) {
  return `#${encodeURIComponent(room.replace(/\p{Cs}/gu, "\ufffd"))}`;
}

export class Address {
  #server;
  #acts;
  #shown = false;
  #visiting = null;

  /** @param {{visit: (name: string) => Promise<void>, asked: (name: string) => void}} acts visit: go into a room that one is not
   *  in; asked: before one is on the server at all */
  constructor(server, acts) {
    this.#server = server;
    this.#acts = acts;
    // Browsers tell of a fragment that was typed by the one, of going back by the other, and some by both.
    for (const type of ["popstate", "hashchange"]) addEventListener(type, () => this.#went());
  }

  /** The room asked for now, or "". */
  get room() {
    return roomOf(location.hash);
  }

  /** Write what is looked at. Each room or conversation is one step for the browser's back and forward. */
  show(target) {
    const isRoom = target instanceof Room;
    const place = isRoom ? hashOf(target.name) : `${location.pathname}${location.search}`;
    const state = { whispers: target && !isRoom ? key(target.nick) : null };
    const same = isRoom ? key(this.room) === key(target.name) : this.#whispers() === state.whispers && !this.room;
    if (!this.#shown || same || !target) history.replaceState(state, "", place);
    else history.pushState(state, "", place);
    this.#shown = true;
  }

  /** Another one may be shown next: one is out of the server. */
  forget() {
    this.#shown = false;
  }

  #whispers() {
    return history.state?.whispers ?? null;
  }

  #went() {
    const { me, rooms, whispers, current } = this.#server;
    const wanted = this.room;
    if (!me) {
      if (wanted) this.#acts.asked(wanted);
      return;
    }
    const known = wanted
      ? [...rooms.values()].find((room) => key(room.name) === key(wanted))
      : whispers.get(this.#whispers());
    if (known) {
      if (known !== current) this.#server.select(known);
    } else if (wanted) this.#visit(wanted);
    else this.show(current);
  }

  /** Once, though the browser tells twice: a second answer would lead back from where one has gone meanwhile. */
  async #visit(wanted) {
    if (this.#visiting === wanted) return;
    this.#visiting = wanted;
    await this.#acts.visit(wanted);
    if (this.#visiting === wanted) this.#visiting = null;
  }
}
