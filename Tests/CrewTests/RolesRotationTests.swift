import Testing

@Suite struct RolesRotationTests {
  @Test func `a role goes round, and whoever is away is passed over`() {
    check(
      """
      ana: !role define duty answers calls
      bell: ✓ duty is defined, nobody has it yet.  Take it: !claim duty
      ben: !rotate duty @ana @ben
      bell: ✗ That is for managers of this team.
      ana: !rotate duty @ana
      bell: ✗ It takes two people at least. Try: !rotate duty @ana @ben from mon
      ana: !rotate duty every 99 weeks @ana @ben
      bell: ✗ Every how many weeks (26 at most)? Try: !rotate duty @ana @ben from mon
      ana: !rotate duty @ana @ben
      bell: ✓ duty goes round every week from Mon 30 Nov: ana, ben.  Undo: !undo
      at 2026-12-01 10:00
      bell: duty has nobody: !claim duty  (!why 1)
      bell → ana: Since Mon 23 Nov: duty has nobody: !claim duty, or !hand duty @…  (!why 2)
      bell → ana: You have duty from Mon 30 Nov: !role duty  (!why 3)
      bell: duty is with ana from today.  (!why 4)
      ana: !role duty
      bell: duty — answers calls
        ana since Mon 30 Nov
        History: Mon 30 Nov ana’s turn, Mon 23 Nov defined by ana
      at 2026-12-08 10:00
      bell → ben: You have duty from Mon 7 Dec: !role duty  (!why 5)
      bell: duty is with ben from today.  (!why 6)
      ana: !away 2026-12-14 - 2026-12-16
      bell: ✓ You are away Mon 14 Dec – Wed 16 Dec.  Sooner: !back
      at 2026-12-16 10:00
      bell: duty stays with ben.  (!why 7)
      ana: !rotate duty off
      bell: ✓ duty does not go round any more.
      at 2026-12-22 10:00
      """)
  }

  @Test func `round and round in Chinese`() {
    checkChinese(
      """
      ana: ！角色 定义 值班 接电话
      bell: ✓ 已定义 值班，还没有人负责。  认领：!认领 值班
      ana: ！轮换 值班 每 2 周 @ben @ana 从 周四
      bell: ✓ 值班 从11月26日周四起每 2 周轮换：ben、ana。  反悔：!撤销
      at fri 10:00
      bell: 值班 没有人负责：!认领 值班  （!为什么 1）
      bell → ben: 11月26日周四起你负责 值班：!角色 值班  （!为什么 2）
      bell → ana: 11月23日周一起：值班 没有人负责：!认领 值班，或者 !移交 值班 @…  （!为什么 3）
      bell: 值班 今天起由 ben 负责。  （!为什么 4）
      ben: ！谁是 值班
      bell: 值班：ben（11月26日周四起）
      """)
  }
}
