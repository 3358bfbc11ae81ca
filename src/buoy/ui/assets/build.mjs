// Makes what a browser loads: one style sheet, one script for each kind of page, one sprite of icons, and the
// licences of the packages that are inside them. Started by build.py, which has put the packages in place.
//
// There is no code splitting: Django gives hashed names to files but does not rewrite the imports between scripts.

import { readFile, writeFile, mkdir, cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../../..");
const packages = join(root, "node_modules");
const [fonts, target] = process.argv.slice(2);

const BROWSERS = ["chrome123", "firefox128", "safari17.5"];
const CARRIED = [
  ["htmx.org", "LICENSE"],
  ["sortablejs", "LICENSE"],
  ["@tabler/icons", "LICENSE"],
  ["@fontsource-variable/inter", "LICENSE"],
  ["@fontsource-variable/noto-sans-arabic", "LICENSE"],
];

async function bundle() {
  await build({
    entryPoints: [join(here, "css/buoy.css"), join(here, "css/print.css")],
    outdir: target,
    bundle: true,
    minify: true,
    external: ["fonts/*"],
    target: BROWSERS,
    logLevel: "warning",
  });
  await build({
    entryPoints: [join(here, "js/app.js"), join(here, "js/board.js"), join(here, "js/look.js")],
    outdir: target,
    bundle: true,
    minify: true,
    format: "esm",
    target: BROWSERS,
    nodePaths: [packages],
    legalComments: "none",
    logLevel: "warning",
  });
}

// A symbol takes its stroke from the page, so that an icon has the colour of the words beside it.
async function symbol(name) {
  const source = await readFile(join(packages, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
  const shapes = [...source.matchAll(/<(?:path|circle|line|rect|polyline|ellipse)[^>]*\/>/g)].map((found) => found[0]);
  const drawn = shapes.filter((shape) => !shape.includes('stroke="none"')).join("");
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawn}</symbol>`;
}

async function sprite() {
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(names.map(symbol));
  await writeFile(join(target, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function licences() {
  const texts = CARRIED.map(async ([name, file]) => {
    const { version, license } = JSON.parse(await readFile(join(packages, name, "package.json"), "utf8"));
    const text = await readFile(join(packages, name, file), "utf8");
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  await writeFile(join(target, "licences.txt"), (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`));
}

await mkdir(target, { recursive: true });
await Promise.all([
  bundle(),
  sprite(),
  licences(),
  cp(fonts, join(target, "fonts"), { recursive: true }),
  cp(join(here, "images"), target, { recursive: true }),
]);
