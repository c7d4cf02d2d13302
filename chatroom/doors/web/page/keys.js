/**
 * Keys that belong to a word being composed, as with the input methods of East Asia: they are the input method's, and no
 * part of this page hears of them. Enter takes a word there, Escape gives it up, arrows choose among several.
 *
 * Chromium and Firefox say `isComposing` of them. WebKit ends the composition first, and then sends the key that ended it
 * with `isComposing` false; what it has in common with theirs is the key code 229 (UI Events, 7.3.1). Imported first, this
 * listens before all others.
 */

const PROCESS = 229;

function keep(event) {
  if (!event.isComposing && event.keyCode !== PROCESS) return;
  event.stopImmediatePropagation();
  if (event.key === "Escape") event.preventDefault(); // it would close a dialog, by the browser's own doing
}

for (const type of ["keydown", "keypress", "keyup"]) addEventListener(type, keep, { capture: true });
