/** What the menus do: they ask the server for something, and show what comes of it. */

export class Wishes {
  #server;
  #hearing;
  #say;
  #toast;

  /**
   * @param {(text: string) => void} say shows a refusal beside the message box
   * @param {(text: string) => void} [toast] shows an answer; without it, what comes of a request is to be seen anyway
   */
  constructor(server, hearing, say, toast) {
    this.#server = server;
    this.#hearing = hearing;
    this.#say = say;
    this.#toast = toast;
  }

  /** A request and what comes of it. @returns the lines of the answer @throws {Refused} */
  async do(word, given = {}) {
    const answer = await this.#server.ask(word, given);
    this.#hearing.did(word, answer);
    if (answer.lines?.length) this.#toast?.(answer.lines.join(" "));
    return answer.lines;
  }

  /** Likewise; a refusal is shown. */
  try(word, given) {
    this.do(word, given).catch((error) => this.#say(error.message));
  }
}
