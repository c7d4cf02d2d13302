/**
 * Lists of buttons that are one stop for the Tab key: the arrow keys, Home and End go through the list, and Tab goes on to
 * what is behind it. (The pattern is called a roving tabindex.) Knows no list by name.
 */

const STEPS = { __proto__: null, ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

/** Make a list one stop. Its buttons may be made anew at any time: `settle` it afterwards. */
export function rove(list) {
  list.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const all = buttons(list);
    const at = all.indexOf(document.activeElement);
    if (at < 0) return;
    all[Math.max(0, Math.min(all.length - 1, at + step))].focus();
    event.preventDefault();
  });
  list.addEventListener("focusin", (event) => {
    const button = event.target.closest("button");
    if (button && list.contains(button)) stopAt(list, button);
  });
  settle(list);
  return list;
}

/** Let Tab stop at the button that it stopped at before, known by its data-name, or else at the current or first one. */
export function settle(list) {
  const all = buttons(list);
  const { stop } = list.dataset;
  const same = all.find((each) => stop !== undefined && each.dataset.name === stop);
  const wanted = same ?? all.find((each) => each.hasAttribute("aria-current")) ?? all[0];
  for (const each of all) each.tabIndex = each === wanted ? 0 : -1;
}

function stopAt(list, button) {
  list.dataset.stop = button.dataset.name ?? "";
  for (const each of buttons(list)) each.tabIndex = each === button ? 0 : -1;
}

function buttons(list) {
  return [...list.querySelectorAll("button")];
}
