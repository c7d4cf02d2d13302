/**
 * The commands, as the server lists them (/help): what is typed becomes a request, and what is begun is completed. Nothing
 * here knows any command by name, so the words of a plugin work like all others.
 */

import { Refused } from "./link.js";
import { splitWord, understand, withoutEnd } from "./meaning.js";

const QUOTES = { '"': '"', "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u00ab": "\u00bb" };

/**
 * The first word and what stands behind it, as chatroom/quoting.py has it: a quote joins what is in it, blanks and all.
 *
 * @throws {Refused} the quote is not closed
 */
function splitQuoted(text) {
  const whole = text.trimStart();
  const ends = QUOTES[whole[0]];
  if (ends === undefined) return splitWord(whole);
  let made = "";
  for (let at = 1; at < whole.length; at++) {
    const next = whole[at + 1];
    if (whole[at] === "\\" && next && ('"\\' + ends).includes(next)) made += whole[++at];
    else if (ends.includes(whole[at])) return [made, whole.slice(at + 1)];
    else made += whole[at];
  }
  throw new Refused("bad-arguments", `The quote before '${whole.slice(1, 21)}' is not closed.`);
}

export class Words {
  #commands = [];
  #byWord = new Map();

  /** @param {Array} commands the facts of the answer to `help` */
  learn(commands) {
    this.#commands = commands;
    this.#byWord = new Map(commands.flatMap((each) => [each.word, ...each.aliases].map((word) => [word, each])));
  }

  /** Those one may use, by family. */
  families() {
    const families = new Map();
    for (const each of this.#commands) families.set(each.family, [...(families.get(each.family) ?? []), each]);
    return families;
  }

  /** The command of a word or alias. */
  find(word) {
    return this.#byWord.get(word.toLowerCase());
  }

  /** Commands whose word begins so; then those of whose aliases one does. */
  beginning(text) {
    const begin = text.toLowerCase();
    const named = this.#commands.filter((each) => each.word.startsWith(begin));
    const other = this.#commands.filter(
      (each) => !named.includes(each) && each.aliases.some((a) => a.startsWith(begin)),
    );
    return [...named.sort((a, b) => a.word.localeCompare(b.word)), ...other];
  }

  /**
   * The request that a command is. All blanks of a secret that takes the rest are kept, but for the one that ends the word
   * before it, so that a password is the same as in a form; all other texts lose those at their ends.
   *
   * @param {{word: string, rest: string, typed: string}} meaning what understand() says of the line
   * @returns {{word: string, given: Record<string, string>, command: ?object}}
   * @throws {Refused} too little or too much, with how it is typed
   */
  parse({ word: first, rest: plain, typed }) {
    const command = this.find(first);
    // The server knows words that it does not list, and has a sentence for those that it does not know.
    if (!command) return { word: first.toLowerCase(), given: {}, command: null };
    const given = Object.create(null);
    const parameters = command.parameters.filter((each) => !each.by_name);
    let rest = parameters.some((each) => each.secret && each.rest) ? typed : plain;
    for (const parameter of parameters) {
      if (!withoutEnd(rest)) break;
      if (parameter.rest) {
        given[parameter.name] = parameter.secret ? rest : rest.trimStart();
        rest = "";
      } else {
        [given[parameter.name], rest] = (parameter.quoted ? splitQuoted : splitWord)(rest);
      }
    }
    const missing = command.parameters.find((each) => each.required && !given[each.name]);
    if (missing) throw new Refused("bad-arguments", `Missing ${missing.name.toUpperCase()}. Usage: ${command.usage}`);
    if (withoutEnd(rest)) throw new Refused("bad-arguments", `Too many words. Usage: ${command.usage}`);
    return { word: command.word, given, command };
  }

  /** Whether what was typed holds something that must not be seen or remembered. */
  isSecret(typed) {
    const { why, word = "", rest } = understand(typed);
    return why !== undefined || Boolean(rest && this.find(word)?.parameters.some((each) => each.secret));
  }

  /** Which argument is being typed at the end of this text, such as "nick": for completion. */
  argumentAt(typed) {
    const [, first, behind] = /^\/(\S+)\s+([^]*)$/u.exec(typed) ?? [];
    const command = this.find(first ?? "");
    const parameters = command?.parameters.filter((each) => !each.by_name) ?? [];
    const wanted = parameters[behind?.split(/\s+/u).length - 1]?.name;
    // A command that is called like its argument sets it: there, others' are of no use.
    return wanted === undefined || wanted === command.word ? null : wanted;
  }
}
