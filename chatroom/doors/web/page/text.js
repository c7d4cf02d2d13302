/**
 * What somebody wrote, as it is shown: formatted (formatting.js), with addresses of the web as links and calls to oneself
 * marked. Everything else is left as typed, and all of it is text: no HTML is ever made of it.
 */

import { calls } from "./calls.js";
import { make } from "./dom.js";
import { spans } from "./formatting.js";
import { links } from "./links.js";

// Signs that leave no ink. A long run of them would push what stands behind it to the beginning of a line, where it looks
// like somebody else's, or like the page's own.
const BLANKS = /[^\S\n]|[\u115f\u1160\u2800\u3164\uffa0]/u.source;
const RUNS = new RegExp(`(?:${BLANKS}){9,}`, "gu");
const ALL_RUNS = new RegExp(`(?:${BLANKS}|\\n){2,}|\\n`, "gu");

/**
 * @param nick whose calls are marked, or null
 * @param leads whether links lead anywhere: not inside a button
 * @returns {Array<Node | string>}
 */
export function rich(said, nick, leads = true) {
  const text = said.replace(RUNS, (run) => run.slice(0, 8));
  const nodes = [];
  let link = null;
  for (const span of spans(text)) {
    const made = styled(span, span.link ? null : nick, leads);
    const inside = leads && span.link && !span.styles.includes("where");
    if (inside && link?.getAttribute("href") === span.link) link.append(...made);
    else nodes.push(...(inside ? [(link = anchor(span.link, made))] : made));
    if (!inside) link = null;
  }
  return nodes;
}

const TAGS = { __proto__: null, bold: "strong", italic: "em", struck: "s", code: "code" };

function styled({ text, styles }, nick, leads) {
  if (styles.includes("block")) return [make("pre", leads ? { tabindex: "0" } : {}, make("code", {}, text))];
  if (styles.includes("where")) return [" ", make("bdi.where", {}, text.trim())];
  const inner = styles.includes("code") ? [text] : called(text, nick);
  return styles.reduce((nodes, style) => [make(TAGS[style], {}, ...nodes)], inner);
}

function anchor(address, nodes) {
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, ...nodes);
}

function linked(text, nick) {
  const nodes = [];
  let at = 0;
  for (const [start, end] of links(text)) {
    const address = text.slice(start, end);
    nodes.push(...called(text.slice(at, start), nick));
    nodes.push(anchor(address, [address]));
    at = end;
  }
  return [...nodes, ...called(text.slice(at), nick)];
}

function called(text, nick) {
  const nodes = [];
  let at = 0;
  for (const [start, end] of nick ? calls(text, nick) : []) {
    const from = text[start - 1] === "@" ? start - 1 : start;
    nodes.push(text.slice(at, from), make("mark", {}, text.slice(from, end)));
    at = end;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

/** What somebody wrote, formatted, with the words of a search marked where they stand. It is inside a button: no link leads. */
export function marked(text, words) {
  const any = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const nodes = rich(text, null, false);
  return any ? nodes.flatMap((node) => markedIn(node, new RegExp(`(${any})`, "iu"))) : nodes;
}

function markedIn(node, any) {
  if (typeof node !== "string" && !(node instanceof Text)) {
    node.replaceChildren(...[...node.childNodes].flatMap((child) => markedIn(child, any)));
    return [node];
  }
  const parts = (typeof node === "string" ? node : node.data).split(any);
  return parts.map((part, n) => (n % 2 ? make("mark", {}, part) : part)).filter((part) => part !== "");
}

/** What somebody wrote in one line, formatted: a topic. */
export function richLine(text) {
  return rich(text.replace(ALL_RUNS, " "), null).map((node) => (node.localName === "pre" ? node.firstChild : node));
}

/**
 * A sentence of parts: our own words, {nick}, {text} and, where it is formatted, {said}. What people wrote turns nothing around
 * it, and nothing of it.
 */
export function told(parts) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    if (part.said !== undefined) return make("bdi", {}, ...richLine(part.said));
    return part.text === undefined ? make("bdi", {}, part.nick) : make("bdi", {}, ...linked(part.text.replace(ALL_RUNS, " "), null));
  });
}
