// Makes data/country_names.txt: the words by which files name a country, so that "Germany", "Deutschland" and "DEU" are one.
//
//   npm install --prefix /tmp/countries i18n-iso-countries@7.14.0
//   node tools/countrynames.mjs /tmp/countries/node_modules > data/country_names.txt
//
// One country a line: its two letters, its three, and its names in ten languages, with nothing but letters and digits in them, as
// normaliseName leaves them. A word that two countries are called by names neither.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const modules = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(modules, "i18n-iso-countries", name), "utf8"));
const umlauts = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };
const normal = (s) =>
  s
    .toLowerCase()
    .replace(/[äöüß]/g, (c) => umlauts[c])
    .replace(/[^\p{L}\p{Nd}]/gu, "");

// What people write and no list of names has.
const more = {
  GB: "uk greatbritain england scotland wales northernireland grossbritannien",
  US: "usa us unitedstates america unitedstatesofamerica amerika vereinigtestaaten",
  NL: "holland",
  RU: "russia russianfederation",
  KR: "southkorea korea republicofkorea",
  KP: "northkorea",
  CZ: "czechia czechrepublic tschechien",
  VN: "vietnam",
  AE: "uae emirates",
  GR: "el hellas",
  DE: "brd federalrepublicofgermany",
  CH: "swiss",
  TR: "turkey turkiye",
  CI: "ivorycoast",
  MK: "macedonia",
  MM: "burma",
  SZ: "swaziland",
  CV: "capeverde",
  CD: "drcongo democraticrepublicofthecongo congokinshasa",
  CG: "republicofthecongo congobrazzaville",
  TW: "taiwan",
  HK: "hongkong hongkongsar",
  MO: "macau macao",
  XK: "kosovo xkx",
};

const words = new Map(); // word → the countries that it may mean
const codes = read("codes.json").map(([two, three]) => [two, three.toLowerCase()]);
const add = (word, code) => words.set(word, (words.get(word) ?? new Set()).add(code));
for (const [two, three] of codes) add(three, two);
for (const language of ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr"])
  for (const [code, names] of Object.entries(read(`langs/${language}.json`).countries))
    for (const name of [names].flat()) if (normal(name).length > 3) add(normal(name), code);
for (const [code, list] of Object.entries(more)) for (const word of list.split(" ")) words.set(word, new Set([code]));

const known = new Map();
for (const [word, countries] of words)
  if (countries.size === 1) known.set([...countries][0], [...(known.get([...countries][0]) ?? []), word]);
for (const code of [...known.keys()].sort()) process.stdout.write(`${code} ${known.get(code).join(" ")}\n`);
