// What every page loads: htmx and the few things that HTML cannot do by itself.
import "htmx.org/dist/htmx.esm.js";
import "./charts.js";
import "./combobox.js";
import "./dates.js";
import "./dialogs.js";
import "./files.js";
import "./menus.js";
import "./palette.js";
import "./requests.js";
import "./tables.js";
import "./tabs.js";
import "./theme.js";
import "./toasts.js";
import "./tooltips.js";
import "./tour.js";

document.documentElement.dataset.ready = "";
