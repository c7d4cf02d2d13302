/**
 * What a typed line means: talk, a whisper, a command, or a slip that may hold a secret and is published nowhere.
 *
 * It is chatroom/meaning.py in JavaScript: the same rule, word for word. tests/vectors/commands.json holds its examples,
 * and the tests of both read that table.
 */

const BLANK =
  "\\u{0}-\\u{20}\\u{7f}-\\u{a0}\\u{ad}\\u{34f}\\u{61c}\\u{115f}\\u{1160}\\u{1680}\\u{17b4}\\u{17b5}\\u{180b}-\\u{180f}" +
  "\\u{2000}-\\u{200f}\\u{2028}-\\u{202f}\\u{205f}-\\u{206f}\\u{2800}\\u{3000}\\u{3164}\\u{fe00}-\\u{fe0f}\\u{feff}\\u{ffa0}" +
  "\\u{fff0}-\\u{fffb}\\u{d800}-\\u{dfff}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}";
const SLASHES = "/\uff0f\u2044\u2215\u29f8";
const AT_SIGNS = "@\uff20\ufe6b";
// Places that Unicode keeps for emoji are seen, though nobody may know them yet (chatroom/folding.py, may_be_emoji).
const EMOJI = "\\u{1f000}-\\u{1faff}\\u{1fc00}-\\u{1fffd}";
const START = new RegExp(`^(?:[${BLANK}]|(?![${EMOJI}])\\p{C}|\\p{Z}|\\p{Mn}|\\p{Me})*`, "u");
const WORD = new RegExp(`^([^${BLANK}]*)[${BLANK}]*([^]*)$`, "u");
const SEEN = new RegExp(`[^${BLANK}]+`, "gu");
const QUIT = new RegExp(`^QUIT[${BLANK}]*$`, "u");

/** Commands that take secrets, and how many words behind them make it likely that one is a secret. */
const SECRETS = new Map(Object.entries({ login: 2, signup: 1, passwd: 1, password: 1, resume: 1, oper: 2 }));
/** The same with commands that are mistyped as easily and hold what is not for everybody. */
const OTHERS = { join: 2, whisper: 2, msg: 2, tell: 2, reply: 1, tellops: 1, wallops: 1, report: 2 };
const PRIVATE = new Map([...SECRETS, ...Object.entries(OTHERS)]);
/** Commands without their slash: so many words behind them, or more, may be their arguments: passwords have blanks. */
const BARE = new Map(Object.entries({ login: 2, signup: 1, passwd: 2, resume: 1, oper: 2 }));
/** Words that people use, and that are only a slip away from a command. */
const OTHER_WORDS = new Set(["loin", "ope", "open", "opera", "over", "per"]);
/** Nobody can have one of these for a nickname: behind a bare login, they make a sentence of it. */
const NO_NAMES = new Set(
  (
    "is was works worked fails failed does did to with from and or not again for isn't wasn't doesn't didn't won't can't " +
    "isn\u2019t wasn\u2019t doesn\u2019t didn\u2019t won\u2019t can\u2019t"
  ).split(" "),
);
/** Words of NickServ that a password stands behind, and the commands that do the same. */
const TO_NICKSERV = new Map([
  ...["identify", "id", "auth", "login", "ghost", "regain", "recover", "release"].map((word) => [word, "login"]),
  ["register", "signup"],
  ["set", "passwd"],
]);
/** Those that are typed without the name of the service, or are sent by clients themselves. */
const WORDS_OF_IRC = new Map(Object.entries({ identify: "login", pass: "login", register: "signup" }));
/** What is typed before the name of a service. */
const SENDING = new Set(["msg", "query", "quote", "privmsg"]);
/** Names of secrets: behind one of them and a colon stands a secret. */
const LABELS = new Set(["password", "passwd", "pass", "passphrase", "passcode", "passwort", "pw", "pwd", "token"]);
const COLON = /[:=\uff1a\uff1d]/u;
/** Words that people write in two, and the commands that they mean. */
const APART = new Map([
  ["login", "login"],
  ["logon", "login"],
  ["signin", "login"],
  ["signon", "login"],
  ["signup", "signup"],
]);
/** Words that make a sentence of "log in" and what follows, beside NO_NAMES. */
const SENTENCE = new Set(
  (
    "the a an to in on at as it if and or but my your our this that these there then than here now soon later again " +
    "first before after when while once via with without using from for please everyone everybody anyone all every " +
    "each tonight today tomorrow so is was no not i you we they he she"
  ).split(" "),
);
const STUMBLES = stumbles();
const TOKEN = 16;
/** White space as Python has it: String.trim and \s of JavaScript take other characters for some. */
const SPACE = "\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
const FIRST_WORD = new RegExp(`^[${SPACE}]*([^${SPACE}]*)[${SPACE}]?([^]*)$`, "u");
const ONE_SPACE = new RegExp(`^[${SPACE}]$`, "u");
const SPACES = new RegExp(`[${SPACE}]+`, "u");
/** What is typed in place of a slash: a key beside it, or the same key on another layout. */
const BESIDE = "\\|.,:;?!=&%^7\u00f7\u00bf\u00a1\uff3c\ufe68\uff0e\uff1a\uff1f\u3001\u3002\u30fb";
const SHORT = 32;

/**
 * @returns {{means: "nothing"} | {means: "talk", text: string} | {means: "whisper", to: string, text: string} |
 *   {means: "command", word: string, rest: string, typed: string} | {means: "refused", why: string, word: string}} typed: the
 *   rest as it was typed, behind the one blank that ends the word: spaces may be a password's
 */
export function understand(typed) {
  const text = typed.includes("\n") ? typed.replace(/^[\r\n]+|[\r\n]+$/gu, "") : typed;
  if (!text.includes("\n")) return understandLine(text);
  const whole = understandLine(text);
  if (whole.means === "nothing" || whole.means === "whisper" || whole.why === "whisper") return whole;
  let asks = "";
  for (const line of text.split("\n")) {
    const meaning = understandLine(line);
    if (asks && meaning.means !== "nothing") return refused("secret", asks);
    if (meaning.why === "secret") return meaning;
    const meant = meaning.means === "command" && secretOf(meaning);
    if (meant) return refused("secret", meant);
    if (meaning.means === "command" && SECRETS.has(meaning.word)) asks = meaning.word;
  }
  return { means: "talk", text };
}

/** What to tell the person who typed a line that is refused. */
export function sentenceOf({ why, word }) {
  if (why === "slash")
    return "Commands start with a slash; /help lists them. To send a line that starts with a slash, type // instead.";
  if (why === "whisper")
    return "To whisper, type @nick and a text. To send a line that starts with @, type /say and the line.";
  return (
    `That looks like a mistyped /${word}, so nobody else has read it. Type /${word} again. To send such a line to the room, ` +
    "type /say and the line."
  );
}

const refused = (why, word = "") => ({ means: "refused", why, word });

function understandLine(typed) {
  const text = typed.slice(START.exec(typed)[0].length);
  if (!text) return { means: "nothing" };
  if (AT_SIGNS.includes(text[0])) return whisper(text.replace(/^[@\uff20\ufe6b]+/u, ""));
  if (SLASHES.includes(text[0])) return command(text);
  if (QUIT.test(text)) return { means: "command", word: "quit", rest: "", typed: "" };
  return slip(text) ?? { means: "talk", text: typed };
}

function split(text) {
  const [, word, rest] = WORD.exec(text);
  return [word, withoutEnd(rest)];
}

/** A text without white space at its end. */
export function withoutEnd(text) {
  let end = text.length;
  while (end && ONE_SPACE.test(text[end - 1])) end -= 1; // a pattern would begin anew at each space of a long run
  return text.slice(0, end);
}

/** The first word of a command's arguments, and what stands behind the one blank that ends it. */
export function splitWord(text) {
  const [, word, behind] = FIRST_WORD.exec(text);
  return [word, behind];
}

function whisper(text) {
  const [word, rest] = split(text);
  const to = word.replace(/[:,\uff1a\uff0c\u3001]+$/u, "");
  const unseen = START.exec(text)[0].length > 0 || !(ONE_SPACE.test(text[word.length] ?? "") || to !== word);
  if (!to || unseen || !wordsOf(rest).length) return refused("whisper");
  return { means: "whisper", to, text: rest };
}

function command(text) {
  if (text[1] && SLASHES.includes(text[1])) {
    const said = text.slice(1);
    const inner = said[1] && !SLASHES.includes(said[1]) ? command(said) : null;
    const meant = inner?.means === "command" && secretOf(inner);
    if (meant) return refused("secret", meant);
    return { means: "talk", text: said };
  }
  const [word, rest] = split(text.slice(1));
  if (!word) return refused("slash");
  const plain = [...word].length <= SHORT ? small(word) : word;
  return { means: "command", word: plain, rest, typed: text.slice(1 + word.length).replace(/^[^]/u, "") };
}

const wordsOf = (text) => text.match(SEEN) ?? [];

/** The command of ours that probably has a secret behind it: this one, or what a service of IRC is asked for. */
function secretOf({ word, rest }) {
  const least = SECRETS.get(word);
  if (least !== undefined) return rest.split(SPACES).filter(Boolean).length >= least ? word : "";
  const words = [word, ...wordsOf(rest.slice(0, 400))];
  return toService(words) || withoutService(word, words);
}

/** The command of ours that does what NickServ is asked for with a password: "msg NickServ identify pw"; or "". */
function toService(words) {
  const behind = SENDING.has(words[0].toLowerCase()) ? words.slice(1) : words;
  if (behind.length < 3 || !/^(?:nickserv|ns)(?:@.*|[:,]*)$/u.test(behind[0].toLowerCase())) return "";
  const meant = TO_NICKSERV.get(behind[1].toLowerCase().replace(/^:+/u, "")) ?? "";
  return isSaid(behind[2]) || isLabel(behind[behind.length - 1]) ? "" : meant;
}

/** The same without the name of the service: "identify pw", or "REGISTER * * pw" as a client sends it. */
function withoutService(word, words) {
  const behind = words.slice(1);
  const most = word === "pass" ? 1 : 3;
  if (!WORDS_OF_IRC.has(word) || behind.length < 1 || behind.length > most || isSaid(behind[0])) return "";
  return behind.some((each) => looksSecret(each) && !each.includes("//")) ? WORDS_OF_IRC.get(word) : "";
}

/** Whether it makes a sentence of the words before it. */
function isSaid(typed) {
  const word = typed.toLowerCase().replace(/[.,!?]+$/u, "");
  return NO_NAMES.has(word) || SENTENCE.has(word);
}

/** Whether it stands for a password where people explain what to type: "PASSWORD", "<your-password>". */
function isLabel(typed) {
  const word = typed.toLowerCase().replace(/^[<>[\]"'.,!?]+|[<>[\]"'.,!?]+$/gu, "");
  return LABELS.has(word) || word.startsWith("your");
}

function slip(text) {
  const words = wordsOf(text.slice(0, 400));
  const bare = small(words[0]);
  const behind = words.length - 1;
  const word = bare.replace(/^[^\p{L}\p{N}\p{M}#]+/u, "");
  const labelled = behindALabel(word, words);
  if (labelled) return refused("secret", labelled);
  if (/^[\0-\x7f]*$/u.test(words[0])) {
    const all = [word, ...words.slice(1)];
    const meant = toService(all) || withoutService(word, all);
    if (meant) return refused("secret", meant);
  }
  if (mayBeBare(word, words)) return refused("secret", STUMBLES.get(word));
  const starts = BESIDE.includes(bare[0]) ? [1] : [];
  for (let at = 1; at < Math.min(4, bare.length); at++) if (SLASHES.includes(bare[at])) starts.push(at + 1);
  for (const at of starts) {
    const meant = near(bare.slice(at));
    if (meant && behind >= PRIVATE.get(meant)) return refused("secret", meant);
  }
  return null;
}

/** In small letters, and those of East Asian input methods as everybody's. */
const small = (typed) => (typed.length > SHORT ? typed : typed.normalize("NFKC")).toLowerCase();

/** Whether these are a command that takes a secret, without its slash; the first of them is `bare`. */
/** The command that somebody has described rather than typed: "login: ann pw", "log in ann pw", "password: pw". */
function behindALabel(word, all) {
  let words = [word, ...all.slice(1)];
  if ((word === "log" || word === "sign") && words.length > 1) words = [word + words[1].toLowerCase(), ...words.slice(2)];
  let { before: name, colon, behind: inside } = splitLabel(words[0]);
  let behind = inside ? [inside, ...words.slice(1)] : words.slice(1);
  if (!colon && behind.length && COLON.test([...behind[0]][0])) {
    colon = true;
    behind = [behind[0].slice(1), ...behind.slice(1)].filter(Boolean);
  }
  name = name.replaceAll("-", "").replaceAll("_", "");
  const meant = APART.get(name) ?? STUMBLES.get(name);
  if (colon && behind.length && LABELS.has(name)) return "login";
  if (meant === "login") return loginApart(behind, colon || name !== word || (APART.has(name) && name !== meant));
  if (meant === "oper") return colon && behind.length > 1 && !isSaid(behind[0]) ? meant : null;
  if (meant === "signup" && behind.length && (colon || (name !== word && behind.length === 1 && looksSecret(behind[0]))))
    return meant;
  return meant && colon && behind.length && (meant === "passwd" || [...behind[0]].length >= TOKEN) ? meant : null;
}

function loginApart(behind, apart) {
  if (behind.length === 1) {
    const { before, colon, behind: password } = splitLabel(behind[0]);
    return before && colon && password && !password.startsWith("//") ? "login" : null;
  }
  return apart && behind.length > 1 && !isSaid(behind[0]) ? "login" : null;
}

/** What stands before the first colon of a word, whether there is one, and what stands behind it. */
function splitLabel(word) {
  const at = word.search(COLON);
  return at < 0 ? { before: word, colon: false, behind: "" } : { before: word.slice(0, at), colon: true, behind: word.slice(at + 1) };
}

/** Whether a word has more than letters in it, as passwords do, before what ends a sentence. */
const looksSecret = (word) => [...word].length > 5 && !/^\p{L}+$/u.test(word.replace(/[.,!?;)]+$/u, ""));

function mayBeBare(bare, words) {
  const meant = STUMBLES.get(bare);
  if (!meant || words.length - 1 < BARE.get(meant)) return false;
  if (meant === "resume") return words.length === 2 && words[1].length >= TOKEN;
  if (meant === "oper") return !isSaid(words[1]);
  return meant !== "login" || !NO_NAMES.has(words[1].toLowerCase());
}

/** The words of BARE, also with one letter left out, typed twice, or before the one that it follows. */
function stumbles() {
  const found = new Map();
  for (const word of BARE.keys())
    for (let at = 0; at < word.length; at++) {
      const [before, letter, after] = [word.slice(0, at), word[at], word.slice(at + 1)];
      found.set(before + after, word);
      found.set(before + letter + letter + after, word);
      found.set(before + after.slice(0, 1) + letter + after.slice(1), word);
    }
  for (const word of BARE.keys()) found.set(word, word);
  for (const word of OTHER_WORDS) found.delete(word);
  return found;
}

/** The command that takes a secret or a private word, and that somebody has typed with one slip at the most. */
function near(word) {
  if (PRIVATE.has(word)) return word;
  if (OTHER_WORDS.has(word)) return undefined;
  return [...SECRETS.keys()].find((meant) => oneSlip(word, meant));
}

/** Whether one letter is missing, too many, another one, or has changed places with its neighbor. */
function oneSlip(word, meant) {
  if (Math.abs(word.length - meant.length) > 1) return false;
  let at = 0;
  while (at < word.length && at < meant.length && word[at] === meant[at]) at++;
  const [a, b] = [word.slice(at), meant.slice(at)];
  if (a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1)) return true;
  return b.length > 1 && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
}
