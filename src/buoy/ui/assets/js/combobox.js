// Turns <select data-combobox> into a field that filters while one types. The select stays in the form and holds
// the value; with no script it is used as it is. data-source names a URL that answers ?q= with <option> elements,
// for lists too long to send whole.
import { activate, active, move, options } from "./listbox.js";

let count = 0;

// What one types without looking for the accents. A stroke through a letter is no accent to Unicode.
const STROKED = { ł: "l", ø: "o", đ: "d", ħ: "h", ß: "ss", æ: "ae", œ: "oe", ı: "i" };

function fold(text) {
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replace(/[łøđħßæœı]/g, (letter) => STROKED[letter]);
}

class Combobox {
  constructor(select) {
    this.select = select;
    this.list = this.#makeList();
    this.input = this.#makeInput();
    const box = document.createElement("div");
    box.className = "combobox";
    select.before(box);
    box.append(this.input, chevron(select), this.list, select);
    select.hidden = true;
    this.#listen(box);
  }

  #makeList() {
    const list = document.createElement("div");
    list.className = "combobox-list";
    list.id = `combobox-${++count}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", this.select.labels[0]?.textContent.trim() ?? this.select.ariaLabel ?? "");
    // A list that scrolls would be a stop of the Tab key by itself.
    list.tabIndex = -1;
    list.hidden = true;
    return list;
  }

  #makeInput() {
    const input = document.createElement("input");
    Object.assign(input, { type: "text", autocomplete: "off", id: this.select.id, disabled: this.select.disabled });
    input.required = this.select.required;
    this.select.required = false;
    this.select.removeAttribute("id");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
      if (this.select.hasAttribute(name)) input.setAttribute(name, this.select.getAttribute(name));
    }
    input.placeholder = this.select.dataset.placeholder ?? "";
    input.value = this.#chosenText();
    return input;
  }

  #chosenText() {
    const chosen = this.select.selectedOptions[0];
    return chosen?.value ? chosen.text : "";
  }

  #listen(box) {
    this.input.addEventListener("input", () => this.#search(this.input.value));
    this.input.addEventListener("click", () => this.#open());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.#take(event.target.closest("[role=option]")));
    box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || this.#close());
    this.select.form?.addEventListener("reset", () => setTimeout(() => (this.input.value = this.#chosenText())));
  }

  #key(event) {
    const isOpen = !this.list.hidden;
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    } else if (event.key === "Enter" && isOpen && active(this.list)) {
      event.preventDefault();
      this.#take(active(this.list));
    } else if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      if (isOpen) move(event.key, this.input, this.list);
      else this.#open();
    }
  }

  #open() {
    if (this.list.hidden) this.#search("");
  }

  async #search(words) {
    this.wanted = words;
    if (this.select.dataset.source) await this.#fetch(words);
    if (this.wanted !== words) return;
    const needle = this.select.dataset.source ? "" : fold(words);
    const found = [...this.select.options].filter((option) => option.value && fold(option.text).includes(needle));
    this.list.replaceChildren(...(found.length ? found.map(row) : [nothing(this.select)]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    const rows = options(this.list);
    activate(this.input, this.list, rows.find((one) => one.dataset.value === this.select.value) ?? rows[0]);
  }

  async #fetch(words) {
    const address = new URL(this.select.dataset.source, location.href);
    address.searchParams.set("q", words);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return document.dispatchEvent(new CustomEvent("buoy:failed"));
    const chosen = this.select.selectedOptions[0];
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const fresh = [...template.content.querySelectorAll("option")].filter((one) => one.value !== chosen?.value);
    this.select.replaceChildren(...(chosen ? [chosen] : []), ...fresh);
  }

  #take(option) {
    if (!option) return;
    this.select.value = option.dataset.value;
    this.input.value = this.#chosenText();
    this.#close();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #close() {
    this.wanted = null;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    activate(this.input, this.list, null);
    // Words that name no option are not a value; an emptied field takes the value away.
    if (!this.input.value && this.select.value) {
      this.select.value = "";
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.input.value = this.#chosenText();
  }
}

function row(option) {
  const element = document.createElement("div");
  element.className = "option";
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  element.dataset.value = option.value;
  element.textContent = option.text;
  if (option.dataset.note) {
    const note = document.createElement("span");
    note.className = "option-note";
    note.textContent = option.dataset.note;
    element.append(note);
  }
  return element;
}

function nothing(select) {
  const element = document.createElement("div");
  element.className = "option-none";
  element.setAttribute("role", "option");
  element.setAttribute("aria-disabled", "true");
  element.setAttribute("aria-selected", "false");
  element.textContent = select.dataset.nothing ?? document.body.dataset.nothing ?? "";
  return element;
}

function chevron(select) {
  const namespace = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(namespace, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", "M6 9l6 6l6 -6");
  icon.append(path);
  return icon;
}

function upgrade(root) {
  root.querySelectorAll?.("select[data-combobox]:not([hidden])").forEach((select) => new Combobox(select));
}

upgrade(document);
document.addEventListener("htmx:after:swap", () => upgrade(document));
