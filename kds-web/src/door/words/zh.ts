// Words of the door in Chinese.

import type { DoorWords } from "./en";

const door: DoorWords = {
  signIn: "登录",
  signingIn: "登录中",
  email: "电子邮箱",
  password: "密码",
  wrongLogin: "邮箱和密码不匹配。",
  noAccess: "这个账号不能在这里用。",
  tooManyTries: "尝试太多次，请等一分钟。",
  noAnswer: "服务器没有回应，请再试。",
  loginEnded: "登录已结束，请重新登录。",
  signOut: "退出登录",
};

export default door;
