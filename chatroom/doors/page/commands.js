/**
 * What becomes of a text that was written: talk, a whisper, a command. Most commands are the server's affair from
 * beginning to end; a few are shown by the page in its own way.
 */

import { Lost, Refused } from "./link.js";
import { Room } from "./room.js";

export class Commands {
  #house;
  #hearing;
  #shows;

  /** @param {Record<string, (given: object) => void>} shows what the page does itself for a word */
  constructor(house, hearing, shows) {
    this.#house = house;
    this.#hearing = hearing;
    this.#shows = shows;
  }

  /**
   * @returns {Promise<boolean>} whether it was taken
   * @throws {Refused}
   */
  async send(text) {
    const whisper = /^@([^\s@:,]+)[:,]?\s+([^]+)$/u.exec(text);
    if (whisper) {
      this.#whisper(whisper[1], whisper[2]);
    } else if (text.startsWith("@")) {
      await this.#command(`whisper ${text.slice(1)}`); // a slip, and perhaps a secret: nothing to be said aloud
    } else if (text.startsWith("/") && !text.startsWith("//")) {
      await this.#command(text.slice(1));
    } else {
      this.#talk(text.startsWith("//") ? text.slice(1) : text);
    }
    return true;
  }

  #talk(text, kind = "said") {
    const target = this.#house.current;
    if (!target) throw new Refused("not-in-room", "You are in no room. Find one in the list of rooms.");
    if (target.out) throw new Refused("not-in-room", `You are not in ${target.name} any more.`);
    this.#house.say(target, text, kind);
  }

  #whisper(to, text) {
    const target = this.#house.whispersWith(to);
    this.#house.select(target);
    this.#house.say(target, text);
  }

  async #command(typed) {
    const house = this.#house;
    const { word, given, command } = house.words.parse(typed);
    if (word === "me") {
      if (!(house.current instanceof Room)) throw new Refused("not-in-room", "/me is for rooms.");
      this.#talk(given.text, "acted");
    } else if (word === "whisper") {
      this.#whisper(given.to.replace(/^@/u, ""), given.text);
    } else if (word === "reply") {
      if (!house.correspondent)
        throw new Refused("no-such-person", "Nobody has whispered to you yet. To begin: @nick text");
      this.#whisper(house.correspondent, given.text);
    } else if (this.#shows[word]?.(given)) {
      // Shown, and done.
    } else {
      await this.#request(word, given, command);
    }
  }

  async #request(word, given, command) {
    const house = this.#house;
    const target = house.current;
    const takesRoom = command?.parameters.some((each) => each.name === "room" && each.by_name);
    const room = takesRoom && target instanceof Room ? { room: target.name } : {};
    let answer;
    try {
      answer = await house.ask(word, { ...room, ...given });
    } catch (error) {
      if (error instanceof Lost) throw new Refused("lost", "You are not connected, so that was not done.");
      throw error;
    }
    this.#hearing.did(word, answer);
    const lines = (answer.lines ?? []).filter((line) => !line.includes("/resume "));
    if (lines.length && !["join", "look", "login", "resume"].includes(word)) house.note(house.current, lines);
  }
}
