/**
 * Addresses of the web in a text: where each begins and ends. chatroom/client/links.py does the same in Python, and says
 * why; tests/vectors/links.json says what both find.
 */

const BEGIN = /(?<![A-Za-z0-9+])https?:\/\//giu;
const NEVER = new Set('<>"`\\^{|}'); // no address has these (RFC 3986, appendix A)
const INSIDE_WORDS = new Set("\u00b7\u2027\u30fb\u2019\u05f3\u05f4\u0f0b"); // part of an address, but not at its end
const LOOSE = new Set(".,;:!?'*_~&"); // likewise, of ASCII
const DEEPEST = 8; // brackets inside one another
const PRINTED = /^[\x21-\x7e]$/u;
const ENDS = /^[\p{Z}\p{Cc}\p{Cs}\p{Co}\p{Po}\p{Pi}\p{Pf}]$/u;
const DIRECTION = /^(?![\u200c\u200d])\p{Cf}$/u; // all but the joiners of Persian, Indic scripts and emoji
const OPENS = /^\p{Ps}$/u;
const CLOSES = /^\p{Pe}$/u;
const AUTHORITY = /^(?:[^/?#@]*@)?(?:\[([^\]]*)\]|([^/?#@:[\]]+))(?::([0-9]{0,5}))?$/u;
const NUMBER = /\.(?:[0-9]+|0[Xx][0-9A-Fa-f]*)$/u; // a name that ends so is an IPv4 address to browsers
const LOOSE_JOINER = /^[\u200c\u200d]|[\u200c\u200d]$/u; // joins nothing (RFC 5892, A.1 and A.2)

/** @returns {Array<[number, number]>} the start and the end of each, in order */
export function links(text) {
  const found = [];
  let behind = 0;
  for (const { index, 0: scheme } of text.matchAll(BEGIN)) {
    if (index < behind) continue;
    const start = index + scheme.length;
    behind = endOf(text, start);
    if (isHost(text.slice(start, behind).split(/[/?#]/u)[0])) found.push([index, behind]);
  }
  return found;
}

function endOf(text, start) {
  const waiting = [];
  let good = start;
  let at = start;
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at));
    if (ends(character)) break;
    const opens = OPENS.test(character);
    if (opens) {
      if (waiting.length === DEEPEST) break;
      waiting.push([closing(character), at]);
    } else if (CLOSES.test(character)) {
      if (waiting.at(-1)?.[0] !== character) break;
      waiting.pop();
    }
    at += character.length;
    if (!opens && !LOOSE.has(character) && !INSIDE_WORDS.has(character)) good = at;
  }
  return waiting.length ? Math.min(good, withoutLoose(text, start, waiting[0][1])) : good;
}

function withoutLoose(text, start, end) {
  while (end > start && (LOOSE.has(text[end - 1]) || INSIDE_WORDS.has(text[end - 1]))) end -= 1;
  return end;
}

function ends(character) {
  if (character <= "\x7f") return NEVER.has(character) || !PRINTED.test(character);
  return !INSIDE_WORDS.has(character) && (ENDS.test(character) || DIRECTION.test(character));
}

/** In Unicode, a closing bracket is the next character behind its opening one, or the one after that. */
function closing(bracket) {
  if (bracket === "\u301d") return "\u301f";
  const following = String.fromCodePoint(bracket.codePointAt(0) + 1);
  return CLOSES.test(following) ? following : String.fromCodePoint(bracket.codePointAt(0) + 2);
}

/** Whether something can be reached there; what a host may be called in the end is the browser's to say. */
function isHost(authority) {
  const [found, six, named, port = ""] = AUTHORITY.exec(authority) ?? [];
  if (!found || Number(port) > 65535) return false;
  const name = named?.replace(/\.$/u, "") ?? "";
  if (six === undefined) {
    if (/^[0-9.]+$/u.test(name)) {
      const parts = name.split(".");
      return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/u.test(part) && Number(part) < 256);
    }
    if (name.split(".").includes("") || !/[\p{L}\p{N}]/u.test(name) || /[!$&'()*+,;=%]/u.test(name)) return false;
    if (NUMBER.test(name) || name.split(".").some((label) => LOOSE_JOINER.test(label))) return false;
  }
  return URL.canParse(`http://${authority}`);
}
