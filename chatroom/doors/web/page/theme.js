// Light or dark, before anything is drawn: a choice made earlier must not flash by in the other colours.
{
  let theme = null;
  try {
    theme = localStorage.getItem("chatroom.theme");
  } catch {
    // Storage is switched off: the system's choice, then.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
