"use strict";

// What the page says. English, and Chinese for a browser that asks for it.
const english = {
  skip: "Skip to writing", sandbox: "demo · nothing leaves this machine",
  turn: "Turn the clock", skipTo: "Turn the clock:",
  hour: "+1 hour", morning: "next morning", monday: "next Monday",
  morningAt: "Until 09:00, with everything that falls due on the way",
  mondayAt: "Until Monday 09:00, with everything that falls due on the way",
  hourAt: "One hour on, with everything that falls due on the way", youAre: "You are",
  rooms: "Rooms", messages: "Messages", down: "↓ New messages", menu: "Suggestions",
  noReply: "Do not reply", send: "Send", write: (room) => `Message in ${room}`,
  writing: (who) => `Write as ${who}`, manager: "manager", member: "member",
  direct: (who) => `${who} alone`, closed: "not opened yet",
  people: (n) => `${n} people and the bot`, you: "you",
  only: (who) => `Only ${who} and the bot see this`, edited: "edited",
  reply: (who) => `Reply to ${who}`, replying: (who) => `Reply to ${who}`,
  added: (who, whom) => `${who} added ${whom}`, moved: "The group is a supergroup now",
  unread: (n) => `${n} new`, fresh: "New", use: (text) => `Use ${text}`,
  start: "A direct chat begins when you press Start.", startButton: "Start",
  lost: "No answer from the demo. Trying again…", hints: "Next step", hide: "No more hints",
  hintMore: "or type / for the menu",
  private: (bot, who) => `${bot} wrote to ${who} alone: read it`,
  jump: (who) => `Go to the message of ${who}`, reacted: (emoji) => `Reacted: ${emoji}`,
};
const chinese = {
  skip: "跳到输入框", sandbox: "演示 · 数据不离开本机", turn: "拨动时钟", skipTo: "拨动时钟：",
  hour: "+1 小时", morning: "到早上九点", monday: "到下周一",
  morningAt: "拨到 09:00，途中到期的都会发生", mondayAt: "拨到周一 09:00，途中到期的都会发生",
  hourAt: "拨快一小时，途中到期的都会发生", youAre: "你的身份",
  rooms: "聊天", messages: "消息", down: "↓ 新消息", menu: "建议", noReply: "取消回复",
  send: "发送", write: (room) => `发到 ${room}`, writing: (who) => `以 ${who} 的身份发言`,
  manager: "管理员", member: "成员", direct: (who) => `只有 ${who}`, closed: "尚未打开",
  people: (n) => `${n} 人和机器人`, you: "你",
  only: (who) => `只有 ${who} 和机器人能看到`, edited: "已编辑", reply: (who) => `回复 ${who}`,
  replying: (who) => `回复 ${who}`, added: (who, whom) => `${who} 添加了 ${whom}`,
  moved: "群组已升级为超级群", unread: (n) => `${n} 条新消息`, fresh: "新消息",
  use: (text) => `使用 ${text}`, start: "按「开始」后才能私聊。", startButton: "开始",
  lost: "演示没有回应，正在重试…", hints: "下一步", hide: "不再提示",
  hintMore: "或输入 / 打开菜单", private: (bot, who) => `${bot} 单独发给了 ${who}：点此阅读`,
  jump: (who) => `查看 ${who} 的消息`, reacted: (emoji) => `回应：${emoji}`,
};
const isChinese = (navigator.language || "en").toLowerCase().startsWith("zh");
const say = isChinese ? chinese : english;
const locale = isChinese ? "zh-CN" : "en-GB";

// The way through the demo, a step at a time: a step is over when somebody has written what it
// looks for, or when `turned` says how far the clock went. `who` counts from the first person, the
// manager; without one, whoever is played does it. `{1}` is the second person's handle.
const path = isChinese ? [
  { words: "试试", write: "/任务 添加 续期证书 截止 周五", over: /^\/(task|任务)/i },
  { words: "换成 {who} 接下它：", who: 1, write: "/接 1", over: /^\/(take|接|认领)/i },
  { words: "每天早上问大家一次：", who: 0, write: "/签到 安排 日报 09:00", over: /(schedule|安排)/i },
  { words: "打开机器人的私聊，摘要会发到那里：", who: 0, open: true },
  { words: "拨动时钟：", turn: "morning" },
  { words: "以 {who} 的身份回答：", who: 1, write: "/签到 修好了导出；今天：月报；阻塞：VPN 密钥",
    over: /^\/(checkin|ci|签到) (?!schedule|安排)/i },
  { words: "以 {who} 的身份道谢：", who: 0, write: "@{1}++ 证书续得及时", over: /\+\+/ },
  { words: "再拨到下周一，看看摘要：", turn: "monday" },
  { words: "摘要在这里：", who: 0, open: true, isLast: true },
] : [
  { words: "Try", write: "/task add renew cert due fri", over: /^\/task/i },
  { words: "Be {who} and take it:", who: 1, write: "/take 1", over: /^\/(task )?take/i },
  { words: "As {who}, let the bot ask every morning:", who: 0,
    write: "/checkin schedule daily 09:00", over: /^\/(checkin|ci) schedule/i },
  { words: "Open the chat with the bot; the digest will come there:", who: 0, open: true },
  { words: "Turn the clock:", turn: "morning" },
  { words: "Answer as {who}:", who: 1,
    write: "/checkin fixed the export; today: SLA report; blocked: VPN key",
    over: /^\/(checkin|ci) (?!schedule)/i },
  { words: "Thank them as {who}:", who: 0, write: "@{1}++ for the renewed cert", over: /\+\+/ },
  { words: "Turn on to the digest:", turn: "monday" },
  { words: "The digest is here:", who: 0, open: true, isLast: true },
];

// What the menu begins with: the commands that a team needs in its first week, by their menu names.
const firstInMenu = ["help", "task_add", "tasks", "checkin", "checkin_schedule", "role_define",
  "goal_add", "kudos", "digest", "me"];
