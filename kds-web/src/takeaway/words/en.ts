// The takeaway page's words in English, beside those it shares with the table page (table/words). This file is the
// type of every other language: a missing word does not compile. `instead` stands in the place of the table's words.

const en = {
  title: "Takeaway",
  soon: (time: string) => `ready from about ${time}`,

  standing: {
    offTitle: "No takeaway here",
    off: "This restaurant takes no orders to take away on this page. Give them a call.",
    paused: (when: string) => `No takeaway right now. Again from ${when}.`,
    closed: (when: string) => `Closed now. Opens ${when}.`,
    closedLong: "Closed for the coming days.",
    full: "Every time is taken for now. Look again in a while.",
    forLater: "You can order for later.",
    nowhereTitle: "There is no such restaurant here",
    nowhere: "Look at the link again.",
  },

  pickup: {
    title: "When do you pick it up?",
    label: "Pickup",
    asap: "As soon as possible",
    about: (time: string) => `about ${time}`,
    taken: "taken",
    choose: "Choose a time",
    change: "Change",
    gone: "This time is taken by now. Choose another one.",
    take: (when: string) => `Pick up ${when}`,
    day: "Day",
    times: "Time",
    reading: "Looking up the times",
  },

  phone: {
    title: "Your mobile number",
    why: "We send it a code, to be sure we can reach you when your food is ready.",
    verify: "Add your number",
    consent:
      "You agree to this code and to messages about your order, at this number only. Send STOP to end them. It is not used for anything else.",
    send: "Send me a code",
    sending: "Sending it",
    codeTitle: "Enter the code",
    code: "The six digits from the message",
    sentTo: (phone: string) => `Sent to ${phone}. Good for five minutes.`,
    confirm: "Confirm",
    checking: "Checking it",
    wrong: "This is not the code. Look again.",
    ended: "This code has had its time or its tries. Ask for another one.",
    noAnswer: "No answer. Try again.",
    again: "Send another code",
    againIn: (left: string) => `Another code in ${left}`,
    other: "Another number",
    limit: (left: string) => `Too many codes were asked for. Again in ${left}.`,
    connection: "No connection. Try again.",
    will: (phone: string) => `We message you at ${phone}.`,
    forget: "Forget this number on this phone",
    forgetMore: "The orders sent with it are no longer shown here. The restaurant still has them.",
    forgetFailed: "No connection. It is not forgotten yet.",
    known: "This number is verified",
  },

  order: {
    yourNumber: "Your pickup number",
    pickItUp: "Pick it up",
    begins: (when: string) => `The kitchen begins ${when}. You need do nothing more.`,
    ready: "Ready. Come and get it.",
    readyMore: "Say your number at the counter.",
    agreed: (when: string) => `Agreed for ${when}`,
    another: "Order something else",
    list: "Your orders",
    none: "No orders on this phone yet.",
    waitingAside:
      "No answer from the restaurant yet. It can only arrive once, however often this phone tries.",
  },

  instead: {
    cart: { send: "Order", reaching: "It can be sent once this phone has reached the restaurant." },
    order: {
      cancelLate: "Something to change? Call the restaurant.",
      served: (time: string) => `Picked up ${time}`,
      steps: { received: "Received", cooking: "Cooking", coming: "Ready", served: "Picked up" },
      line: {
        waiting: "Waiting",
        next: "Next",
        making: "Being made",
        coming: "Ready",
        served: "Picked up",
        void: "Not coming",
      },
    },
    bill: {
      state: {
        held: "Waits",
        pending: "Planned",
        confirmed: "Received",
        preparing: "Cooking",
        ready: "Ready",
        completed: "Picked up",
        cancelled: "Cancelled",
      },
    },
    notice: {
      tooLate: "Too late to take it back: the kitchen has begun. Call the restaurant.",
      closed: "Your number was verified anew before your order was sent. It is in your cart again.",
      unsure:
        "Your number was verified anew while an order was being sent. Call the restaurant before you send it again.",
    },
  },
};

export type Away = typeof en;
export default en;
