/// Commands of every feature. `P` is a person, `N` a number, `G` a goal, `B` a blocker, `R` a role,
/// `D` a date, `Z` a zone, `W` a word that no other command has.
enum Phrases {
  static let dates = [
    "today", "tomorrow", "fri", "next mon", "2d", "in 2 weeks", "18 Dec", "明天", "周五", "下周一", "3天后",
    "in 2 h", "17:30", "2027-02-28",
  ]

  static let everyday = [
    "/help", "/help task", "/帮助", "/why", "/undo", "/undo", "/撤销",
    "/task add W P due D", "/task add P W by D", "/待办 W 截止 D", "/todo W due D goal G",
    "/task N", "/take N", "/take N", "/接 N", "/give N P", "/give N P P", "/转 N P",
    "/drop N no longer needed", "/drop N", "/done N", "/done N", "/完成 N", "/reopen N",
    "/due N D", "/due N none", "/截止 N D", "/task edit N better words", "/task goal N G",
    "/tasks", "/tasks mine", "/tasks overdue", "/任务 列表", "/snooze N D", "/稍后 N D",
    "/goal add W P by D", "/goal add W target 90%", "/goal G 60% pilot signed", "/goal G kr1=14",
    "/goal kr G CSAT 4.1->4.6", "/confidence G amber late", "/goals", "/目标 添加 W",
    "/goal close G done", "/goal owner G P", "/goal due G D", "/目标 G 40%",
    "/kudos P for W", "/kudos P P for W #customer", "P ++ for W", "/赞 P 因为 W", "/kudos mine",
    "/kudos undo", "/kudos top",
    "/checkin shipped W; today: more; blocked: none", "/checkin daily W", "/签到 W",
    "/checkin skip daily on a train", "/checkin edit daily W", "/checkin for tomorrow daily W",
    "/checkin list", "/report", "/report P last week", "/汇报",
    "/block waiting for key P", "/block W", "/阻塞 W", "/unblock B", "/解除 B", "/blocks",
    "/away D", "/away tomorrow-fri cover P", "/请假 明天", "/away list", "/back", "/销假", "/calendar",
    "/claim R", "/认领 R", "/release R", "/hand R P", "/accept", "/decline", "/cover R until D",
    "/roles", "/role R", "/who R", "/review R", "/role take R", "/移交 R P",
    "/digest", "/digest short", "/digest daily on", "/digest off", "/摘要",
    "/me", "/lang zh", "/lang en", "/lang team", "/tz Z", "/quiet 19:00-09:00", "/quiet usual",
    "/workdays sun-thu", "/workdays usual", "/nudge light", "/nudge normal", "/link", "/team",
    "/members", "/policy", "/audit", "/audit #N", "/审计",
  ]

  /// Never the check-in `daily`, the managers or Ana's own standing: these are what the run is
  /// measured by.
  static let managers = [
    "/role define R answers calls", "/role define R mail min 2", "/角色 定义 R 接电话",
    "/rotate R every 2 weeks P P from mon", "/role min R 2", "/role drop R",
    "/team name W", "/team hours 09:00-18:00", "/team hours 08:00-20:00", "/team lang zh",
    "/team lang en", "/team workdays mon-fri", "/team workdays sun-thu", "/policy nudges 3",
    "/policy nudges 20", "/policy kudos.top on", "/policy kudos.allowance 9",
    "/checkin schedule weekly 16:00 fri until 18:00", "/checkin schedule weekly off",
    "/checkin questions weekly Done? | Next?", "/checkin optional @emil daily",
    "/checkin required @emil daily", "/checkin observer @dora daily", "/member remove @emil",
    "/member back @emil", "/member manager @dora", "/member unmanager @dora",
    "/calendar workday 2026-10-10",
  ]
}
