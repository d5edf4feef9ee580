// Which stand-in picture a dish gets until there are photos: by words in its name, then in its
// category's name, in the languages of the page; an empty plate when nobody can tell. Pure. A picture
// that may be wrong is worse than a plain one, so words are matched from their beginning only.

import type { Category, Item, Localized } from "../wire/types";
import { plain } from "./menu";

export type Picture =
  | "beer"
  | "bread"
  | "burger"
  | "cake"
  | "cheese"
  | "chicken"
  | "cocktail"
  | "coffee"
  | "croquettes"
  | "egg"
  | "fish"
  | "fries"
  | "fruit"
  | "ham"
  | "ice"
  | "mussels"
  | "octopus"
  | "pasta"
  | "pizza"
  | "plate"
  | "prawn"
  | "rice"
  | "salad"
  | "soup"
  | "steak"
  | "vegetable"
  | "water"
  | "wine";

const CAKES = [
  "cake",
  "cheesecake",
  "tarta",
  "brownie",
  "flan",
  "custard",
  "pudding",
  "rice pudding",
  "arroz con leche",
  "torrija",
  "churro",
  "crema catalana",
  "tiramis",
  "mousse",
  "coulant",
  "dessert",
  "postre",
];
const FISH = [
  "fish",
  "pescad",
  "bass",
  "lubina",
  "dorad",
  "bream",
  "trout",
  "trucha",
  "salmon",
  "tuna",
  "atun",
  "cod ",
  "bacalao",
  "hake",
  "merluza",
  "anchov",
  "boqueron",
  "sardin",
  "turbot",
  "rodaballo",
];

/**
 * Beginnings of words, without accents. The first that matches wins: what a dish is made into before
 * what is in it, the special before the general.
 */
const WORDS: readonly (readonly [Picture, readonly string[]])[] = [
  ["ice", ["ice cream", "sorbet", "sorbete", "helado", "granizado", "gelato"]],
  ["burger", ["burger", "hamburgues", "cheeseburger"]],
  ["bread", ["sandwich", "bocadill", "bocata", "baguette", "pepito"]],
  ["pizza", ["pizza", "focaccia", "coca de"]],
  ["croquettes", ["croquet", "bunuelo", "fritter"]],
  ["steak", ["chorizo", "morcilla", "black pudding", "sausage", "salchich", "butifarra"]],
  ["cake", CAKES],
  [
    "pasta",
    [
      "pasta",
      "spaghet",
      "tagliat",
      "raviol",
      "lasag",
      "lasan",
      "noodle",
      "gnocchi",
      "macarr",
      "fideua",
      "penne",
      "carbonara",
      "ragu",
      "bolog",
      "bolones",
      "pesto",
    ],
  ],
  ["rice", ["rice", "arroz", "paella", "risotto"]],
  ["soup", ["soup", "sopa", "gazpacho", "salmorejo", "crema de", "stew", "guiso", "ramen"]],
  ["egg", ["egg ", "eggs", "huevo", "tortilla", "omelet", "revuelto"]],
  ["salad", ["salad", "ensalad"]],
  [
    "mussels",
    ["mussel", "mejillon", "clam", "almeja", "oyster", "ostra", "cockle", "berberecho", "scallop", "vieira"],
  ],
  ["octopus", ["octop", "pulpo", "squid", "calamar", "sepia", "cuttlefish", "chipiron"]],
  ["prawn", ["prawn", "shrimp", "gamba", "langostin", "lobster", "bogavante", "crab", "cangrejo"]],
  ["fish", FISH],
  ["chicken", ["chicken", "pollo", "wings", "alitas", "duck", "pato ", "turkey", "pavo"]],
  ["ham", ["ham ", "jamon", "cecina", "charcuter", "embutid", "prosciutto"]],
  [
    "steak",
    [
      "ribeye",
      "steak",
      "entrecot",
      "chuleton",
      "beef",
      "ternera",
      "solomillo",
      "pork",
      "cerdo",
      "iberic",
      "lamb",
      "cordero",
      "ribs",
      "costilla",
      "secreto",
      "presa",
    ],
  ],
  ["cheese", ["halloumi", "cheese", "queso", "burrata", "mozzarella", "provolone", "manchego"]],
  [
    "vegetable",
    [
      "eggplant",
      "vegetabl",
      "verdura",
      "pepper",
      "pimient",
      "padron",
      "asparag",
      "esparrag",
      "mushroom",
      "seta",
      "champi",
      "aubergine",
      "berenjen",
      "artichok",
      "alcachof",
      "olive",
      "aceituna",
      "hummus",
      "avocado",
      "aguacate",
      "cauliflower",
      "coliflor",
    ],
  ],
  ["fries", ["fries", "chips", "patata", "potato", "bravas"]],
  ["bread", ["bread", "pan ", "toast", "tosta", "bruschet", "pita "]],
  ["fruit", ["fruit", "fruta", "macedonia", "melon", "strawberr", "fresas"]],
  [
    "coffee",
    ["coffee", "cafe", "espresso", "cortado", "latte", "cappuccin", "tea ", "te ", "infusion", "chocolate"],
  ],
  ["beer", ["beer", "cerveza", "cana ", "lager", "ipa "]],
  [
    "cocktail",
    ["cocktail", "coctel", "mojito", "margarita", "spritz", "gin ", "sangria", "negroni", "tinto de verano"],
  ],
  [
    "wine",
    [
      "wine",
      "vino",
      "rioja",
      "ribera",
      "albarino",
      "verdejo",
      "cava",
      "rosado",
      "sherry",
      "vermut",
      "vermouth",
      "tempranillo",
      "godello",
    ],
  ],
  [
    "water",
    [
      "water ",
      "agua ",
      "lemonade",
      "limonada",
      "juice",
      "zumo",
      "soda",
      "cola",
      "refresco",
      "drink",
      "bebida",
    ],
  ],
];

const CATEGORY_WORDS: readonly (readonly [Picture, readonly string[]])[] = [
  ["steak", ["grill", "parrilla", "meat", "carne", "brasa"]],
  ["fish", ["seafood", "marisco"]],
  ["fries", ["side", "guarnicion"]],
];

export function pictureOf(item: Pick<Item, "name">, category: Pick<Category, "name"> | undefined): Picture {
  const under =
    category === undefined
      ? undefined
      : (found(WORDS, category.name) ?? found(CATEGORY_WORDS, category.name));
  return found(WORDS, item.name) ?? under ?? "plate";
}

function found(words: typeof WORDS, name: Localized): Picture | undefined {
  const text = ` ${plain(Object.values(name).join(" ; ")).replace(/[^a-z0-9;]+/g, " ")} `;
  return words.find(([, beginnings]) => beginnings.some((begin) => text.includes(` ${begin}`)))?.[0];
}

/** Six grounds, so that neighbours differ while one kind of dish keeps its own. */
const GROUNDS: Readonly<Record<Picture, number>> = {
  beer: 4,
  bread: 0,
  burger: 0,
  cake: 3,
  cheese: 1,
  chicken: 4,
  cocktail: 3,
  coffee: 0,
  croquettes: 4,
  egg: 4,
  fish: 2,
  fries: 4,
  fruit: 1,
  ham: 3,
  ice: 2,
  mussels: 2,
  octopus: 3,
  pasta: 4,
  pizza: 0,
  plate: 5,
  prawn: 3,
  rice: 1,
  salad: 1,
  soup: 0,
  steak: 0,
  vegetable: 1,
  water: 2,
  wine: 5,
};

export function groundOf(picture: Picture): number {
  return GROUNDS[picture];
}
