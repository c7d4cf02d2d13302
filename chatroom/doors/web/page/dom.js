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

/**
 * Show a menu beside a button. Closed by Escape, Tab, a click elsewhere or a choice.
 *
 * @param label what the menu is about, for screen readers
 * @param head what stands above the choices, or null
 */
export function pop(button, label, head, ...choices) {
  const menu = make("div", { role: "menu", "aria-label": label }, ...choices);
  const box = make("div.pop", { popover: "auto", tabindex: "-1", role: "dialog", "aria-label": label }, head, menu);
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
  menu.hidden = !menu.hasChildNodes();
  (find("button", menu) ?? box).focus();
  box.addEventListener("keydown", (event) => walk(event, box));
  // Before what was chosen is done: it may open something of its own.
  const chosen = (event) => event.target.closest("[role=menuitem]") && box.hidePopover();
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
  box.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}

/** The arrow keys, Home, End and first letters go through the choices of a menu; Tab leaves it. */
function walk(event, box) {
  const choices = [...box.querySelectorAll("[role^=menuitem]")];
  const at = choices.indexOf(document.activeElement);
  const last = choices.length - 1;
  const to = { __proto__: null, ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last, Home: 0, End: last };
  let wanted = choices[to[event.key]];
  if (event.key === "Tab") box.hidePopover();
  else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const begins = (each) => each.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase());
    wanted = [...choices.slice(at + 1), ...choices.slice(0, at + 1)].find(begins);
  }
  if (!wanted && event.key !== "Tab") return;
  wanted?.focus();
  event.preventDefault();
}

/** One choice of a menu. With `checked`, it is one of several of which one holds, and the menu stays. */
export function choice(picture, label, act, { danger = false, checked = null } = {}) {
  const radio = checked !== null && { role: "menuitemradio", "aria-checked": String(checked) };
  const attributes = { type: "button", role: "menuitem", tabindex: "-1", onclick: act, ...radio };
  return make(`button.choice${danger ? ".danger" : ""}`, attributes, icon(picture), make("span", {}, label));
}

/** A line between the choices of a menu. */
export function rule() {
  return make("hr", { role: "separator" });
}
