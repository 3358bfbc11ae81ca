// The keys of a field with a list of options below it, for the combobox and the command palette alike.
// Focus stays in the field; aria-activedescendant names the option that Enter takes.

export function options(list) {
  return [...list.querySelectorAll('[role="option"]:not([hidden])')];
}

export function active(list) {
  return list.querySelector('[role="option"][aria-selected="true"]');
}

export function activate(input, list, option) {
  active(list)?.setAttribute("aria-selected", "false");
  if (!option) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  option.id ||= `option-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

// Returns true when the key was one of ours.
export function move(key, input, list) {
  const shown = options(list);
  const at = shown.indexOf(active(list));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[key];
  if (to === undefined || !shown.length) return false;
  const wraps = key.startsWith("Arrow");
  const last = shown.length - 1;
  const bounded = wraps ? (to + shown.length) % shown.length : Math.max(0, Math.min(last, to));
  activate(input, list, shown[at < 0 && key === "ArrowUp" ? last : bounded]);
  return true;
}
