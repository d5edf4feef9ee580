// Words of the staff page in Arabic.

import door from "../../door/words/ar";
import type { StaffWords } from "./en";

const ar: StaffWords = {
  ...door,
  title: "من يعمل هنا",
  staffOf: (slug: string) => `فريق ${slug}`,
  managersOnly: "هذه الصفحة للمديرين.",
  language: "اللغة",
  reading: "تُقرأ القائمة",
  thisIsYou: "هذا أنت",
  role: "الدور",
  roleOf: (name: string) => `دور ${name}`,
  roles: {
    kitchen: "مطبخ",
    waiter: "نادل",
    manager: "مدير",
    admin: "مسؤول",
  },
  newPassword: "كلمة مرور جديدة",
  passwordFor: (name: string) => `كلمة مرور جديدة لـ ${name}`,
  loginsEnd: "تنتهي جلساته فورًا.",
  replace: "استبدالها",
  sendAway: "إبعاد",
  sendAwaySure: (name: string) => `إبعاد ${name}`,
  add: "شخص جديد",
  name: "الاسم",
  firstPassword: "كلمة المرور الأولى",
  addThem: "إضافة",
  refusals: {
    already_member: "يعمل هنا بالفعل.",
    works_elsewhere: "يعمل في مكان آخر أيضًا: كلمة مروره تبقى كما هي.",
    invalid: "راجع الحقول: كلمة المرور 8 أحرف أو أكثر.",
    forbidden: "دورك لا يسمح بذلك.",
    unknown_member: "لم يعد يعمل هنا.",
    no_answer: "لا جواب من الخادم. حاول مرة أخرى.",
  },
};

export default ar;
