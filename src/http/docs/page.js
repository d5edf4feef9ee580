// The page to read the API by: /api/openapi.json drawn as headings and lists. Text from the document and from
// answers is only ever put in as text. Nothing is fetched but from this server.

"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 12;

/** An element with attributes and children; `null` children are left out. */
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Text whose `parts` in backticks are code, one paragraph for each empty line. */
function prose(text) {
  return (text ?? "").split(/\n\s*\n/).filter(Boolean).map((part) => el("p", {}, inline(part)));
}

function inline(text) {
  return text.split("`").map((part, n) => (n % 2 === 1 ? el("code", {}, part) : part));
}

/** What a `$ref` names, and its name; anything else as it is. */
function resolved(api, schema) {
  if (!schema?.$ref) return { schema, name: null };
  const path = schema.$ref.replace(/^#\//, "").split("/");
  const found = path.reduce((at, key) => at?.[key.replace(/~1/g, "/").replace(/~0/g, "~")], api);
  return { schema: found ?? {}, name: path.at(-1) };
}

const isNull = (schema) => schema?.type === "null";

/** A schema in a few words: `array of Line`, `string (uuid) or null`. */
function typeOf(api, schema) {
  if (schema === undefined || schema === true) return "anything";
  if (schema.$ref) return resolved(api, schema).name;
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map((choice) => (isNull(choice) ? "null" : typeOf(api, choice))).join(" or ");
  if (schema.allOf) return schema.allOf.map((part) => typeOf(api, part)).join(" and ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const kinds = [schema.type ?? "anything"].flat();
  return kinds
    .map((kind) => {
      if (kind === "array") return `array of ${typeOf(api, schema.items)}`;
      if (kind === "object" && schema.additionalProperties) return `map of ${typeOf(api, schema.additionalProperties)}`;
      return schema.format && kind !== "null" ? `${kind} (${schema.format})` : kind;
    })
    .join(" or ");
}

/** The schemas inside of one that have properties of their own to show. */
function inner(schema) {
  const parts = [schema?.items, ...(schema?.oneOf ?? []), ...(schema?.anyOf ?? [])];
  if (typeof schema?.additionalProperties === "object") parts.push(schema.additionalProperties);
  return parts.filter((part) => typeof part === "object");
}

/** All properties of an object, those of `allOf` parts with them. */
function fields(api, schema) {
  const own = resolved(api, schema).schema;
  const parts = (own?.allOf ?? []).map((part) => fields(api, part));
  const required = new Set([...(own?.required ?? []), ...parts.flatMap((part) => [...part.required])]);
  return { properties: Object.assign({}, ...parts.map((part) => part.properties), own?.properties), required };
}

/** A schema's properties as a list; what a property refers to unfolds under it. */
function shape(api, schema, depth = 0) {
  const { properties, required } = fields(api, schema);
  const rows = Object.entries(properties).map(([name, property]) => {
    const head = [
      el("span", { class: "name" }, name),
      " ",
      el("span", { class: "type" }, typeOf(api, property)),
      required.has(name) ? null : el("span", { class: "type" }, " optional"),
    ];
    const text = property.description ?? resolved(api, property).schema?.description;
    return el("li", {}, head, text ? el("span", { class: "says" }, inline(text)) : null, unfolding(api, property, depth));
  });
  const nested = inner(resolved(api, schema).schema).map((part) => unfolding(api, part, depth));
  if (rows.length === 0) return el("div", {}, nested);
  return el("div", {}, el("ul", { class: "shape" }, rows), nested);
}

/** A fold that is drawn when it is opened: schemas may contain themselves. */
function unfolding(api, schema, depth) {
  const { schema: found, name } = resolved(api, schema);
  if (depth >= DEEPEST || !hasShape(api, found, 0)) return null;
  if (name === null && !found.properties && !found.allOf) {
    return el("div", {}, inner(found).map((part) => unfolding(api, part, depth)));
  }
  const fold = el("details", {}, el("summary", {}, el("span", { class: "type" }, name ?? typeOf(api, schema))));
  fold.addEventListener("toggle", () => fold.append(shape(api, found, depth + 1)), { once: true });
  return el("div", { class: "shape" }, fold);
}

function hasShape(api, schema, depth) {
  if (depth > DEEPEST || typeof schema !== "object") return false;
  const found = resolved(api, schema).schema;
  return Boolean(found?.properties) || [...inner(found), ...(found?.allOf ?? [])].some((part) => hasShape(api, part, depth + 1));
}

/** A body's type in words, and its shape. */
function content(api, body) {
  return Object.entries(body?.content ?? {}).map(([kind, { schema }]) =>
    el("div", {}, el("p", {}, el("span", { class: "type" }, `${kind}: ${typeOf(api, schema)}`)), unfoldable(api, schema)),
  );
}

function unfoldable(api, schema) {
  return hasShape(api, schema, 0) ? shape(api, schema) : null;
}

function parameterTable(api, parameters) {
  if (parameters.length === 0) return null;
  const rows = parameters.map((parameter) =>
    el(
      "tr",
      {},
      el("td", {}, el("span", { class: "path" }, parameter.name), parameter.required ? el("div", { class: "required" }, "required") : null),
      el("td", {}, parameter.in),
      el("td", { class: "type" }, typeOf(api, parameter.schema)),
      el("td", {}, inline(parameter.description ?? "")),
    ),
  );
  const head = ["Name", "In", "Type", "Meaning"].map((word) => el("th", { scope: "col" }, word));
  return el("section", {}, el("h3", {}, "Parameters"), el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)));
}

function answers(api, responses) {
  const rows = Object.entries(responses ?? {}).map(([status, response]) =>
    el("div", { class: "answer" }, el("b", {}, status), el("div", {}, el("p", {}, inline(response.description ?? "")), content(api, response))),
  );
  return el("section", {}, el("h3", {}, "Answers"), rows);
}

/** A form that sends the request and shows what came back. */
function tryIt(path, parameters) {
  const inputs = parameters.map((parameter) => {
    const input = el("input", { name: parameter.name, spellcheck: "false", ...(parameter.required ? { required: "" } : {}) });
    return { parameter, input, row: el("div", {}, el("label", {}, `${parameter.name} (${parameter.in})`, input)) };
  });
  const send = el("button", { type: "submit" }, "Send");
  const out = el("output", {});
  const form = el("form", { autocomplete: "off" }, inputs.map(({ row }) => row), send);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    out.replaceChildren(...(await asked(path, inputs)));
    send.disabled = false;
  });
  return el("section", { class: "try" }, el("h3", {}, "Try it"), form, out);
}

async function asked(path, inputs) {
  const headers = {};
  const query = new URLSearchParams();
  let target = path;
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value === "") continue;
    else if (parameter.in === "query") query.set(parameter.name, input.value);
    else if (parameter.in === "header") headers[parameter.name] = input.value;
  }
  const token = document.getElementById("token").value.trim();
  if (token !== "") headers.authorization = `Bearer ${token}`;
  const url = query.size > 0 ? `${target}?${query}` : target;
  try {
    const begun = performance.now();
    const answer = await fetch(url, { headers, credentials: "omit" });
    const text = await answer.text();
    const line = `${answer.status} ${answer.statusText}, ${Math.round(performance.now() - begun)} ms`;
    return [el("p", {}, line), el("pre", { tabindex: "0" }, `GET ${url}\n\n${pretty(text)}`)];
  } catch {
    return [el("p", {}, "No answer from the server.")];
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function operation(api, path, method, item) {
  const parameters = item.parameters ?? [];
  const id = `${method}${path}`.replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "");
  const body = item.requestBody ? el("section", {}, el("h3", {}, "Body"), content(api, item.requestBody)) : null;
  const needs = (item.security ?? []).some((scheme) => "bearer" in scheme);
  const details = el(
    "details",
    {},
    el("summary", {}, el("span", { class: `method ${method}` }, method), el("span", { class: "path" }, path), el("span", { class: "summary" }, item.summary ?? "")),
    el(
      "div",
      { class: "inside" },
      item.description ? el("div", {}, prose(item.description)) : null,
      needs ? el("p", { class: "needs" }, "Takes a bearer token.") : null,
      parameterTable(api, parameters),
      body,
      answers(api, item.responses),
      method === "get" ? tryIt(path, parameters) : null,
    ),
  );
  return { id, node: el("article", { id }, details), link: el("a", { href: `#${id}` }, item.summary ?? path) };
}

/** Operations by their first tag, in the document's order. */
function byTag(api) {
  const tags = new Map();
  for (const [path, methods] of Object.entries(api.paths ?? {})) {
    for (const method of METHODS.filter((name) => methods[name])) {
      const tag = methods[method].tags?.[0] ?? "other";
      tags.set(tag, [...(tags.get(tag) ?? []), operation(api, path, method, methods[method])]);
    }
  }
  return tags;
}

function draw(api) {
  document.title = `${api.info.title} API`;
  document.getElementById("title").replaceChildren(`${api.info.title} API`, el("small", {}, api.info.version ?? ""));
  document.getElementById("description").replaceChildren(...inline(api.info.description ?? ""));
  const tags = [...byTag(api)];
  document.getElementById("operations").replaceChildren(
    ...tags.map(([tag, operations]) => el("section", {}, el("h2", {}, tag), operations.map(({ node }) => node))),
  );
  document.getElementById("contents").replaceChildren(
    ...tags.flatMap(([tag, operations]) => [el("h2", {}, tag), ...operations.map(({ link }) => link)]),
  );
  openNamed();
}

/** Opens the operation that the address names. */
function openNamed() {
  const article = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  const details = article?.querySelector("details");
  if (details) {
    details.open = true;
    article.scrollIntoView();
  }
}

async function begin() {
  document.getElementById("access").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", openNamed);
  try {
    const answer = await fetch("/api/openapi.json", { credentials: "omit" });
    draw(await answer.json());
  } catch {
    document.getElementById("operations").replaceChildren(el("p", { class: "loading" }, "/api/openapi.json could not be read."));
  }
}

begin();
