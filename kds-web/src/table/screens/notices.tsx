// What the page has to tell the guest, each until it was read. At a table and without one; how it is said is given.

import type { Notice } from "../notices";
import type { Ordering } from "../ordering";
import { NoticeList } from "../views/shell";

interface NoticesProps {
  readonly ordering: Ordering;
  readonly said: (notice: Notice) => string;
}

export function NoticesOf({ ordering, said }: NoticesProps) {
  const { notices } = ordering;
  return (
    <NoticeList
      notices={notices.all.value.map((notice) => ({
        key: notice.is,
        text: said(notice),
        onDismiss: () => notices.dismiss(notice),
      }))}
    />
  );
}
