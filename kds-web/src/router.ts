// Which page an address means. A few pages, no parameters but one, so no library.

export type Place =
  | { readonly page: "landing" }
  | { readonly page: "kitchen"; readonly slug: string }
  | { readonly page: "floor"; readonly slug: string }
  | { readonly page: "table"; readonly code: string }
  | { readonly page: "staff"; readonly slug: string }
  | { readonly page: "takeaway"; readonly slug: string }
  | { readonly page: "trust" }
  | { readonly page: "nowhere" };

export function placeOf(path: string): Place {
  const [first = "", second = "", ...rest] = path
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  if (rest.length > 0) {
    return { page: "nowhere" };
  }
  switch (first) {
    case "":
      return { page: "landing" };
    case "kitchen":
      return second ? { page: "kitchen", slug: second } : { page: "landing" };
    case "floor":
      return second ? { page: "floor", slug: second } : { page: "landing" };
    case "staff":
      return second ? { page: "staff", slug: second } : { page: "landing" };
    case "trust":
      return second ? { page: "nowhere" } : { page: "trust" };
    case "r":
      return second ? { page: "takeaway", slug: second } : { page: "nowhere" };
    case "t":
      return second ? { page: "table", code: second } : { page: "nowhere" };
    default:
      return { page: "nowhere" };
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
