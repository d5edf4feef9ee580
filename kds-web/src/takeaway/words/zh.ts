// 外带页面的中文用语。类型和每个词的用途见 en.ts。

import type { Away } from "./en";

const zh: Away = {
  title: "外带",
  soon: (time) => `约 ${time} 起可取`,

  standing: {
    offTitle: "这里没有外带",
    off: "这家餐厅不在本页接受外带订单。请打电话联系。",
    paused: (when) => `现在暂停外带。${when}恢复。`,
    closed: (when) => `现在休息。${when}开门。`,
    closedLong: "最近几天休息。",
    full: "目前所有时间都已约满。请稍后再看。",
    forLater: "您可以预订稍后的时间。",
    nowhereTitle: "这里没有这家餐厅",
    nowhere: "请检查链接。",
  },

  pickup: {
    title: "您什么时候来取？",
    label: "取餐",
    asap: "尽快",
    about: (time) => `约 ${time}`,
    taken: "已满",
    choose: "选择时间",
    change: "更改",
    gone: "这个时间刚刚被约走。请另选一个。",
    take: (when) => `${when}取餐`,
    day: "日期",
    times: "时间",
    reading: "正在查询时间",
  },

  phone: {
    title: "您的手机号码",
    why: "我们会发送验证码，确保餐好时能联系到您。",
    verify: "填写号码",
    consent: "您同意仅在此号码接收该验证码和有关订单的消息。回复 STOP 即可停止。号码不作他用。",
    send: "发送验证码",
    sending: "正在发送",
    codeTitle: "输入验证码",
    code: "消息中的六位数字",
    sentTo: (phone) => `已发送至 ${phone}。五分钟内有效。`,
    confirm: "确认",
    checking: "正在核对",
    wrong: "验证码不对。请再看一下。",
    ended: "验证码已过期或尝试次数已用完。请重新获取。",
    noAnswer: "没有回应。请再试一次。",
    again: "重新发送验证码",
    againIn: (left) => `${left} 后可重新发送`,
    other: "换一个号码",
    limit: (left) => `请求验证码次数过多。请在 ${left} 后再试。`,
    connection: "没有网络。请再试一次。",
    will: (phone) => `我们会发消息到 ${phone}。`,
    forget: "在这部手机上忘记此号码",
    forgetMore: "用它下的订单不再显示在这里。餐厅仍保有订单。",
    forgetFailed: "没有网络。号码尚未忘记。",
    known: "此号码已验证",
  },

  order: {
    yourNumber: "您的取餐号",
    pickItUp: "取餐时间",
    begins: (when) => `厨房${when}开始制作。您无需再做什么。`,
    ready: "做好了，请来取餐。",
    readyMore: "请在柜台报您的号码。",
    agreed: (when) => `约定${when}`,
    another: "再点些别的",
    list: "您的订单",
    none: "这部手机上还没有订单。",
    waitingAside: "餐厅还没有回应。无论这部手机尝试多少次，订单只会送达一次。",
  },

  instead: {
    cart: { send: "下单", reaching: "这部手机联系上餐厅后即可发送。" },
    order: {
      cancelLate: "需要更改？请致电餐厅。",
      served: (time) => `${time} 已取餐`,
      steps: { received: "已收到", cooking: "制作中", coming: "做好了", served: "已取餐" },
      line: {
        waiting: "等待中",
        next: "下一个",
        making: "制作中",
        coming: "做好了",
        served: "已取餐",
        void: "不上了",
      },
    },
    bill: {
      state: {
        held: "等待中",
        pending: "已预订",
        confirmed: "已收到",
        preparing: "制作中",
        ready: "做好了",
        completed: "已取餐",
        cancelled: "已取消",
      },
    },
    notice: {
      tooLate: "来不及收回：厨房已经开始。请致电餐厅。",
      closed: "订单发送前您的号码重新验证了。订单已回到购物车。",
      unsure: "订单发送期间您的号码重新验证了。再次发送前请致电餐厅。",
    },
  },
};

export default zh;
