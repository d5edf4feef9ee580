// The entry: finds out which page the address means and loads only that one. A phone never loads the
// kitchen. Knows no page from inside.

import { render } from "preact";
import "./design/tokens.css";
import "./design/base.css";
import { wearGuestTheme } from "./design/guest-theme";
import { type Place, placeOf } from "./router";
import { recall } from "./storage";
import { beginEarly, beginEarlyMenu } from "./table/early";

const RETRY_MS = 3_000;

async function pageAt(place: Place) {
  switch (place.page) {
    case "kitchen": {
      const { default: Kitchen } = await import("./kitchen/page");
      return <Kitchen slug={place.slug} />;
    }
    case "floor": {
      const { default: Floor } = await import("./floor/page");
      return <Floor slug={place.slug} />;
    }
    case "table": {
      const { default: Table } = await import("./table/page");
      return <Table code={place.code} />;
    }
    case "staff": {
      const { default: StaffPage } = await import("./staff/page");
      return <StaffPage slug={place.slug} />;
    }
    case "takeaway": {
      const { default: Takeaway } = await import("./takeaway/page");
      return <Takeaway slug={place.slug} />;
    }
    case "trust": {
      const { default: Trust } = await import("./trust/page");
      return <Trust />;
    }
    case "landing":
    case "nowhere": {
      const { default: Landing } = await import("./landing/page");
      return <Landing nothingHere={place.page === "nowhere"} />;
    }
  }
}

async function show(root: HTMLElement): Promise<void> {
  try {
    render(await pageAt(placeOf(location.pathname)), root);
  } catch (error) {
    console.warn("A part of the page did not load.", error);
    render(<p class="plain">The page could not be loaded. Trying again.</p>, root);
    setTimeout(() => void show(root), RETRY_MS);
  }
}

/** The installed app starts at `/kitchen`: it goes to the kitchen that this device had last. */
function resumeKitchen(): void {
  const slug = recall("kitchen");
  if (/^\/kitchen\/?$/.test(location.pathname) && slug) {
    history.replaceState(null, "", `/kitchen/${encodeURIComponent(slug)}`);
  }
}

const root = document.getElementById("page");
if (root) {
  resumeKitchen();
  const place = placeOf(location.pathname);
  if (place.page === "table") beginEarly(place.code);
  if (place.page === "takeaway") beginEarlyMenu(place.slug);
  if (
    place.page === "table" ||
    place.page === "takeaway" ||
    place.page === "floor" ||
    place.page === "staff"
  ) {
    wearGuestTheme();
  }
  void show(root);
}
