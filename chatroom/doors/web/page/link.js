/**
 * The connection: requests and their answers, events, and coming back when it is lost.
 *
 * It knows the frame of the protocol (docs/protocol.rst), and nothing of what is said. Whoever uses it sets `onopen`,
 * `onevent` and `onstate`.
 */

const SILENCE = 25_000; // ms without a word from the server until we ask whether it is still there
const PATIENCE = 10_000; // ms it has for an answer, or for a connection
const FIRST_WAIT = 500; // ms before the first try to come back; each later one waits longer
const LONGEST_WAIT = 30_000;

/** The server said no, in a sentence that is shown as it stands. */
export class Refused extends Error {
  constructor(code, sentence) {
    super(sentence);
    this.code = code;
  }
}

/** The connection was lost before there was an answer: it may have been done, or not. */
export class Lost extends Error {
  constructor() {
    super("The connection was lost before there was an answer.");
  }
}

export class Link {
  onopen = () => {};
  onevent = () => {};
  onstate = () => {};

  /** "closed" (on purpose), "opening", "open", or "waiting" until `retryAt` to open it again. */
  state = "closed";
  retryAt = 0;
  /** What the server said when it closed the connection. */
  sentence = "";

  #address;
  #longest;
  #socket = null;
  #pending = new Map();
  #lastId = 0;
  #tries = 0;
  #retry = 0;
  #watch = 0;

  /**
   * @param {string} address ws: or wss:
   * @param {number} longest bytes in a request
   */
  constructor(address, longest) {
    this.#address = address;
    this.#longest = longest;
    addEventListener("online", () => this.state === "waiting" && this.open());
    addEventListener("offline", () => this.check());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      if (this.state === "waiting") this.open();
      else this.check();
    });
  }

  open() {
    clearTimeout(this.#retry);
    if (this.#socket) return;
    this.sentence = "";
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    this.#become("opening");
    this.#watch = setTimeout(() => this.#lose(socket, 1006), PATIENCE);
    socket.onopen = () => {
      this.#become("open");
      this.#listen();
      this.onopen();
    };
    socket.onmessage = (message) => {
      if (socket !== this.#socket) return;
      this.#listen();
      const made = message.data ? JSON.parse(message.data) : null;
      if (made instanceof Object) this.#take(made);
    };
    socket.onclose = (event) => this.#lose(socket, event.code, event.reason);
  }

  /** Close it, and leave it closed. */
  close() {
    if (this.#socket) this.#lose(this.#socket, 1000);
    else this.#become("closed");
  }

  /** All is well again: the next time it is lost, it is soon tried again. */
  settled() {
    this.#tries = 0;
  }

  /**
   * @param {string} word the command
   * @param {Record<string, unknown>} given its arguments by name
   * @returns {Promise<any>} the answer
   * @throws {Refused} @throws {Lost}
   */
  request(word, given = {}) {
    return new Promise((resolve, reject) => {
      if (this.state !== "open") {
        reject(new Lost());
        return;
      }
      const id = ++this.#lastId;
      const text = JSON.stringify({ id, do: word, ...given });
      if (new TextEncoder().encode(text).length > this.#longest) {
        reject(new Refused("unlawful", "That message is too long. Send it in parts."));
        return;
      }
      this.#pending.set(id, { resolve, reject });
      this.#socket.send(text);
    });
  }

  /** See whether the other side is still there, without waiting for silence. */
  check() {
    if (this.state !== "open") return;
    const socket = this.#socket;
    clearTimeout(this.#watch);
    socket.send("");
    this.#watch = setTimeout(() => this.#lose(socket, 1006), PATIENCE);
  }

  #listen() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.check(), SILENCE);
  }

  #take(made) {
    if ("event" in made) {
      if (made.event === "notice" && made.code === "closing") this.sentence = made.text;
      else this.onevent(made);
      return;
    }
    const waiting = this.#pending.get(made.id);
    this.#pending.delete(made.id);
    if (!waiting) return;
    if (made.ok) waiting.resolve(made);
    else waiting.reject(new Refused(made.error, made.sentence));
  }

  #lose(socket, code, reason = "") {
    if (!socket || socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#watch);
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.sentence ||= reason;
    if (code === 1000) this.#become("closed");
    else this.#wait();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new Lost());
  }

  #wait() {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 1.7 ** this.#tries) * (0.7 + 0.6 * Math.random());
    this.#tries += 1;
    this.retryAt = Date.now() + wait;
    this.#retry = setTimeout(() => this.open(), wait);
    this.#become("waiting");
  }

  #become(state) {
    if (state === "closed") clearTimeout(this.#retry);
    this.state = state;
    this.onstate();
  }
}
