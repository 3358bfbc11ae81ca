// Light, dark, or as the system has it. The form works with no script; with one, nothing is loaded again.

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  const menu = event.submitter.closest(".menu");
  menu.querySelectorAll("[name=theme]").forEach((item) => item.setAttribute("aria-checked", String(item.value === theme)));
  menu.hidePopover();
  const data = new FormData(form, event.submitter);
  fetch(form.action, { method: "POST", body: data, redirect: "manual" });
});
