// Words of the staff page in Chinese.

import door from "../../door/words/zh";
import type { StaffWords } from "./en";

const zh: StaffWords = {
  ...door,
  title: "员工",
  staffOf: (slug: string) => `${slug} 的员工`,
  managersOnly: "此页面仅供经理使用。",
  language: "语言",
  reading: "正在读取名单",
  thisIsYou: "这是您",
  role: "职务",
  roleOf: (name: string) => `${name} 的职务`,
  roles: {
    kitchen: "厨房",
    waiter: "服务员",
    manager: "经理",
    admin: "管理员",
  },
  newPassword: "新密码",
  passwordFor: (name: string) => `${name} 的新密码`,
  loginsEnd: "其所有登录会立即结束。",
  replace: "更换",
  sendAway: "移除",
  sendAwaySure: (name: string) => `移除 ${name}`,
  add: "添加新员工",
  name: "姓名",
  firstPassword: "初始密码",
  addThem: "添加",
  refusals: {
    already_member: "此人已在此工作。",
    works_elsewhere: "此人也在别处工作：密码保持不变。",
    invalid: "请检查各栏：密码至少 8 个字符。",
    forbidden: "您的职务无权这样做。",
    unknown_member: "此人已不在此工作。",
    no_answer: "服务器没有回应，请重试。",
  },
};

export default zh;
