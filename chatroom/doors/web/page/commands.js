/**
 * What becomes of a text that was written: talk, a whisper, a command. The server does most commands from
 * beginning to end. The page shows a few in its own way.
 */

import { Lost, Refused } from "./link.js";
import { sentenceOf, splitWord, understand, withoutEnd } from "./meaning.js";
import { Room } from "./room.js";

export class Commands {
  #server;
  #hearing;
  #shows;

  /** @param {Record<string, (given: object) => void>} shows what the page does itself for a word */
  constructor(server, hearing, shows) {
    this.#server = server;
    this.#hearing = hearing;
    this.#shows = new Map(Object.entries(shows));
  }

  /**
   * @returns {Promise<boolean>} whether it was taken
   * @throws {Refused}
   */
  async send(text) {
    const meaning = understand(text);
    if (meaning.means === "refused") throw new Refused(meaning.why, sentenceOf(meaning));
    if (meaning.means === "whisper") this.#whisper(meaning.to, meaning.text);
    else if (meaning.means === "command") await this.#command(meaning);
    else if (meaning.means === "talk") this.#talk(withoutEnd(meaning.text));
    return true;
  }

  #talk(text, kind = "said") {
    const target = this.#server.current;
    if (!target) throw new Refused("not-in-room", "You are not in a room. Join one from the list of rooms.");
    if (target.out) throw new Refused("not-in-room", `You are no longer in ${target.name}. To join it again, type /join ${target.name}`);
    this.#server.say(target, text, kind);
  }

  #whisper(to, text) {
    const target = this.#server.whispersWith(to);
    this.#server.select(target);
    this.#server.say(target, text);
  }

  /**
   * Who alone will read a text if it is sent as it stands, as far as it is written: a nickname, or null.
   */
  onlyReader(text) {
    const { current, correspondent, words } = this.#server;
    // Behind a name and a blank, whatever follows is the whisper.
    const meaning = understand(/\s$/u.test(text) ? `${text}x` : text);
    if (meaning.means === "whisper") return meaning.to;
    if (meaning.means === "command") {
      const word = words.find(meaning.word)?.word;
      if (word === "reply") return correspondent;
      return (word === "whisper" && splitWord(meaning.rest)[0].replace(/^@/u, "")) || null;
    }
    return meaning.means === "talk" && current && !(current instanceof Room) ? current.nick : null;
  }

  async #command(typed) {
    const server = this.#server;
    const { word, given, command } = server.words.parse(typed);
    if (word === "me") {
      if (!(server.current instanceof Room)) throw new Refused("not-in-room", "/me works in rooms only.");
      this.#talk(given.text, "acted");
    } else if (word === "whisper") {
      this.#whisper(given.to.replace(/^@/u, ""), given.text);
    } else if (word === "reply") {
      if (!server.correspondent)
        throw new Refused("no-such-person", "Nobody has whispered to you yet. To whisper to somebody, type @nick text");
      this.#whisper(server.correspondent, given.text);
    } else if (this.#shows.get(word)?.(given)) {
      // Shown, and done.
    } else {
      await this.#request(word, given, command);
    }
  }

  async #request(word, given, command) {
    const server = this.#server;
    const target = server.current;
    const takesRoom = command?.parameters.some((each) => each.name === "room" && each.by_name);
    const room = takesRoom && target instanceof Room ? { room: target.name } : {};
    let answer;
    try {
      answer = await server.ask(word, { ...room, ...given });
    } catch (error) {
      if (error instanceof Lost) throw new Refused("lost", "You are not connected. Nothing was done; please try again.");
      throw error;
    }
    this.#hearing.did(word, answer);
    const lines = (answer.lines ?? []).filter((line) => !line.includes("/resume "));
    if (lines.length && !["join", "look", "login", "resume"].includes(word)) server.note(server.current, lines);
  }
}
