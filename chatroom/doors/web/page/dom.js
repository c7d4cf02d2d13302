/**
 * Elements, made of text and attributes only. Nothing on this page is ever made of HTML from elsewhere; the
 * Content-Security-Policy would not let it (Trusted Types).
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element: `make("button.plain", { type: "button", onclick: leave }, "Leave")`. Properties that begin with "on" are
 * listeners; `false` and `null` leave an attribute out; children may be lists, text or elements.
 */
export function make(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute.startsWith("on")) element.addEventListener(attribute.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(attribute, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of the page. */
export function find(selector, within = document) {
  return within.querySelector(selector);
}

/** A picture from the set in index.html. It says nothing to those who cannot see it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A nickname, as it is and in its own direction. */
export function bdi(nick, className = "") {
  return make(className ? `bdi.${className}` : "bdi", {}, nick);
}

/** The colour that somebody has here, one of twelve (a hash called FNV-1a). */
export function hue(nick) {
  let hash = 0x811c9dc5;
  for (const character of nick.toLowerCase()) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  return `h${((hash ^ (hash >>> 15)) >>> 0) % 12}`;
}

/** The first letter of a nickname, in its colour. */
export function face(nick, kind = "") {
  const first = [...new Intl.Segmenter().segment(nick)][0]?.segment ?? "?";
  return make(`span.face.${hue(nick)}${kind && `.${kind}`}`, { "aria-hidden": "true" }, first.toUpperCase());
}

/** Show a small window beside a button: a menu, or a card. Closed by Escape, a click elsewhere or a choice. */
export function pop(button, ...children) {
  const box = make("div.pop", { popover: "auto" }, ...children);
  document.body.append(box);
  box.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    const inside = box.contains(document.activeElement);
    box.remove();
    button.setAttribute("aria-expanded", "false");
    if (inside) button.focus();
  });
  box.showPopover();
  button.setAttribute("aria-expanded", "true");
  // Also when it grows, because something is still being asked for.
  new ResizeObserver(() => place(box, button.getBoundingClientRect())).observe(box);
  find("button, input, a", box)?.focus();
  box.addEventListener("keydown", (event) => walk(event, box));
  // Before what was chosen is done: it may open something of its own.
  const chosen = (event) => event.target.closest(".choice:not([aria-pressed])") && box.hidePopover();
  box.addEventListener("click", chosen, { capture: true });
  return box;
}

function place(box, near) {
  const { width, height } = box.getBoundingClientRect();
  if (!width) return;
  const left = near.left + width + 8 > innerWidth ? near.right - width : near.left;
  const below = near.bottom + 6;
  const top = below + height + 8 > innerHeight ? near.top - height - 6 : below;
  box.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  box.style.top = `${Math.max(8, top)}px`;
}

/** Up and down go through the choices of a menu. */
function walk(event, box) {
  const step = { __proto__: null, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const choices = [...box.querySelectorAll("button, a")];
  const at = choices.indexOf(document.activeElement);
  choices[(at + step + choices.length) % choices.length]?.focus();
  event.preventDefault();
}

/** One choice of a menu. With `pressed`, it is one of several that hold, and the menu stays. */
export function choice(picture, label, act, { danger = false, pressed = null } = {}) {
  const attributes = { type: "button", onclick: act, ...(pressed !== null && { "aria-pressed": String(pressed) }) };
  return make(`button.choice${danger ? ".danger" : ""}`, attributes, icon(picture), make("span", {}, label));
}
