// Words of the door in Arabic.

import type { DoorWords } from "./en";

const door: DoorWords = {
  signIn: "دخول",
  signingIn: "جارٍ الدخول",
  email: "البريد الإلكتروني",
  password: "كلمة السر",
  wrongLogin: "البريد وكلمة السر لا يتطابقان.",
  noAccess: "هذا الحساب لا يعمل هنا.",
  tooManyTries: "محاولات كثيرة. انتظر دقيقة.",
  noAnswer: "الخادم لا يجيب. حاول مجددًا.",
  loginEnded: "انتهى هذا الدخول. ادخل من جديد.",
  signOut: "خروج",
};

export default door;
