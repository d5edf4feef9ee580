// The service worker of a guest's phone. Built as a file of its own, and registered by table/after/ring.ts with the
// page's own address as its scope. What it does is in ringing.ts, which nothing else may import: as a plain script, it
// can load no chunk.

import { type Bell, listen } from "./ringing";

listen(self as unknown as Bell);
