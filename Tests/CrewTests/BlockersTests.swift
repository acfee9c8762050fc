import Crew
import Testing

@Suite struct BlockersTests {
  @Test func `opened, listed, closed`() {
    check(
      """
      ana: !block waiting for the VPN key @ben
      bell: ✓ b1 needs ben.  When it is solved: !unblock b1
      ana: !block waiting for the VPN key @ben
      bell: ✗ I know that one already. Try: !blocks
      ben → bell: block no coffee
      bell → ben: ✓ b2 is open.  When it is solved: !unblock b2
      ana → bell: blocks
      bell → ana: b1 ana: waiting for the VPN key @ben — needs ben, since today
        b2 ben: no coffee, since today
      ben: !unblock b1
      bell: ✓ ben closed b1: waiting for the VPN key @ben
      bell → ana: ✓ ben closed b1: waiting for the VPN key @ben
      ben: !undo
      bell: ↶ Undone: !unblock b1
      ben: !unblock 1
      bell: ✓ ben closed b1: waiting for the VPN key @ben
      bell → ana: ✓ ben closed b1: waiting for the VPN key @ben
      ben: !unblock
      bell: ✅
      ben: !unblock b2
      bell: ✗ b2 is closed already. Try: !blocks
      ana: !unblock b9
      bell: ✗ There is no b9. Try: !unblock b5
      ana: !block
      bell: ✗ What stands in the way? Try: !block waiting for the VPN key @ben
      ana → bell: blocks
      bell → ana: Nothing stands in the way.
      """)
  }

  @Test func `said in private it is told to who is needed, unless away`() {
    check(
      """
      ana → bell: block the VPN key @ben
      bell → ana: ✓ b1 needs ben.  When it is solved: !unblock b1
      bell → ben: ana waits for you: the VPN key @ben (b1)
        Solved? !unblock b1
      ana: !away @ben tomorrow
      bell: ✓ ben is away Tue 24 Nov.  Undo: !undo
      bell → ben: ana entered you as away Tue 24 Nov.  Sooner: !back
      at tue 10:00
      ana → bell: block another key @ben
      bell → ana: ✓ b2 needs ben, but ben is away Tue 24 Nov.  Solved: !unblock b2
      """)
  }

  @Test func `asked after every two working days, then the managers are told, then silence`() {
    check(
      after: [
        .members(
          .joined(Person(3), name: "cleo", identity: Identity(account: "chat", user: "cleo")))
      ],
      """
      ben: !block no key from @cleo
      bell: ✓ b1 needs cleo.  When it is solved: !unblock b1
      at fri 18:00
      bell → cleo: b1 ben has waited for you 2 working days: no key from @cleo  Solved: !unblock b1  (!why 1)
      bell → ben: b1 after 2 working days: is it still in the way?  no key from @cleo  Solved: !unblock b1  (!why 2)
      bell → cleo: b1 ben has waited for you 4 working days: no key from @cleo  Solved: !unblock b1  (!why 3)
      bell → ben: b1 after 4 working days: is it still in the way?  no key from @cleo  Solved: !unblock b1  (!why 4)
      at fri 18:00
      bell → cleo: b1 ben has waited for you 6 working days: no key from @cleo  Solved: !unblock b1  (!why 5)
      bell → ben: b1 after 6 working days: is it still in the way?  no key from @cleo  Solved: !unblock b1  (!why 6)
      bell → ana: b1 ben has waited 8 working days for cleo: no key from @cleo  Better to talk.  (!why 7)
      at fri 18:00
      """)
  }

  @Test func `an edited answer rewords or closes its blocker`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      at 09:30
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ana: !checkin shipped; blocked: key from @ben
      bell: ✓ b1 needs ben.  When it is solved: !unblock b1
      ana: !checkin edit shipped; blocked: two keys from @ben
      bell: ✅
      ana → bell: blocks
      bell → ana: b1 ana: two keys from @ben — needs ben, since today
      ana: !checkin edit shipped; blocked: none
      bell: ✓ b1 is closed.
      ana → bell: blocks
      bell → ana: Nothing stands in the way.
      ana: !undo
      bell: ↶ Undone: !checkin edit shipped; blocked: none
      ana → bell: blocks
      bell → ana: b1 ana: two keys from @ben — needs ben, since today
      """)
  }

  @Test func `in Chinese`() {
    check(
      after: [.team(.languageChosen("zh"))],
      """
      ana: ！阻塞 等VPN密钥 @ben
      bell: ✓ b1 需要ben。  解决后：!解除 b1
      at wed 09:05
      bell → ben: b1 ana等了你 2 个工作日：等VPN密钥 @ben  解决了：!解除 b1  （!为什么 1）
      bell → ana: b1 已 2 个工作日：还卡着吗？等VPN密钥 @ben  解决了：!解除 b1  （!为什么 2）
      ben: ！阻塞列表
      bell: b1 ana：等VPN密钥 @ben，需要ben，2 个工作日
      ben: ！解除 b1
      bell: ✓ ben解除了 b1：等VPN密钥 @ben
      bell → ana: ✓ ben解除了 b1：等VPN密钥 @ben
      """)
  }
}
