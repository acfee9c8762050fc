import Testing

@Suite struct TaskReminderTests {
  @Test func `what is nobody's is called out after one working day, three, then weekly`() {
    check(
      """
      ana: !task add clear refund backlog
      bell: ✓ #1 clear refund backlog — no date, no owner.  Take it: !take 1
      at 2026-12-31 18:00
      bell: #1 clear refund backlog has had no owner for 1 working day. ben has the least open \
      work.  !take 1 or !drop 1 why  (!why 1)
      bell: #1 clear refund backlog has had no owner for 3 working days. ana has little open \
      work.  !take 1 or !drop 1 why  (!why 2)
      bell → ana: #1 clear refund backlog has had no owner for 3 working days.  !give 1 @… or \
      !drop 1 why  (!why 3)
      bell: #1 clear refund backlog has had no owner for 8 working days. ben has little open \
      work.  !take 1 or !drop 1 why  (!why 4)
      bell: #1 clear refund backlog has had no owner for 13 working days. ana has little open \
      work.  !take 1 or !drop 1 why  (!why 5)
      bell: #1 clear refund backlog has had no owner for 18 working days. ben has little open \
      work.  !take 1 or !drop 1 why  (!why 6)
      """)
  }

  @Test func `what is due and late is asked of its owner, then told to managers`() {
    check(
      """
      ben: !task add renew cert @ben due wed
      bell: ✓ #1 renew cert — due Wed 25 Nov (Europe/Berlin), with ben.  Undo: !undo
      at 2026-12-31 18:00
      bell → ben: #1 renew cert is due today.  !done 1 or !snooze 1 1d  (!why 1)
      bell → ben: #1 renew cert was due Wed 25 Nov. When can it be done?  !due 1 fri or !done 1  (!why 2)
      bell → ana: #1 renew cert (ben) was due Wed 25 Nov.  !due 1 fri  (!why 3)
      """)
  }

  @Test func `a time is told an hour before`() {
    check(
      """
      ben: !task add call Acme @ben due tomorrow 15:00
      bell: ✓ #1 call Acme — due Tue 24 Nov 15:00 (Europe/Berlin), with ben.  Undo: !undo
      ben: !task add call back @ben due 11:00
      bell: ✓ #2 call back — due Mon 23 Nov 11:00 (Europe/Berlin), with ben.  Undo: !undo
      at tue 18:00
      bell → ben: #2 call back is due at 11:00.  !done 2 or !snooze 2 1d  (!why 1)
      bell → ben: #1 call Acme is due today.  !done 1 or !snooze 1 1d
        #2 call back was due Mon 23 Nov. When can it be done?  !due 2 fri or !done 2  (!why 2)
      bell → ben: #1 call Acme is due at 15:00.  !done 1 or !snooze 1 1d  (!why 3)
      """)
  }

  @Test func `what is done, taken or put off is not mentioned`() {
    check(
      """
      ana: !task add one
      bell: ✓ #1 one — no date, no owner.  Take it: !take 1
      ana: !task add two @ana due tue
      bell: ✓ #2 two — due Tue 24 Nov (Europe/Berlin), with ana.  Undo: !undo
      ana: !task add three @ana due tue
      bell: ✓ #3 three — due Tue 24 Nov (Europe/Berlin), with ana.  Undo: !undo
      ana: !task add four
      bell: ✓ #4 four — no date, no owner.  Take it: !take 4
      ben: !take 1
      bell: ✅
      ana: !done 2
      bell: ✅
      ana: !snooze 3 fri
      bell: ✓ Nothing about #3 before Fri 27 Nov.  Undo: !undo
      ana: !snooze 4 thu
      bell: ✓ Nothing about #4 before Thu 26 Nov.  Undo: !undo
      at 2026-12-04 18:00
      bell: #4 four has had no owner for 3 working days. ben has the least open work.  !take 4 or \
      !drop 4 why  (!why 1)
      bell → ana: #3 three was put off until today.  !done 3  (!why 2)
      bell → ana: #3 three was due Tue 24 Nov. When can it be done?  !due 3 fri or !done 3  (!why 3)
      bell: #4 four has had no owner for 5 working days. ana has little open work.  !take 4 or \
      !drop 4 why  (!why 4)
      bell → ana: #4 four has had no owner for 5 working days.  !give 4 @… or !drop 4 why  (!why 5)
      """)
  }

  @Test func `a given task is asked about once`() {
    check(
      """
      ana: !task add renew cert @ben
      bell: ✓ #1 renew cert — no date, with ben.  Undo: !undo
      bell → ben: ana gave you #1 renew cert — no date.  !take 1, or not: !drop 1 why
      ana: !task add renew domain @ben
      bell: ✓ #2 renew domain — no date, with ben.  Undo: !undo
      bell → ben: ana gave you #2 renew domain — no date.  !take 2, or not: !drop 2 why
      ben: !take 2
      bell: ✅
      at 2026-12-04 18:00
      bell → ben: ana gave you #1 renew cert. Is it yours?  !take 1 or !drop 1 why  (!why 1)
      bell → ana: #1 renew cert waits for a word from ben.  !give 1 @…  (!why 2)
      """)
  }

  @Test func `the call names who has the role, or little to do, never who is away`() {
    check(
      """
      ana: !role define billing refunds and invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ben: !claim billing
      bell: ✓ ben has billing.
      ana: !task add x @ana
      bell: ✓ #1 x — no date, with ana.  Undo: !undo
      ana: !task add send invoices again
      bell: ✓ #2 send invoices again — no date, no owner.  Take it: !take 2
      ana: !task add water the plants
      bell: ✓ #3 water the plants — no date, no owner.  Take it: !take 3
      at tue 12:00
      bell: #2 send invoices again has had no owner for 1 working day. It fits billing \
      (ben).  !take 2 or !drop 2 why
        #3 water the plants has had no owner for 1 working day. ben has little open work.  !take 3 \
      or !drop 3 why  (!why 1)
      ben: !away wed-fri
      bell: ✓ You are away Wed 25 Nov – Fri 27 Nov.  Sooner: !back
      at fri 18:00
      bell → ana: billing has nobody on Wed 25 Nov, ben is away: !cover billing 2026-11-25 - \
      2026-11-27  (!why 2)
      bell: #2 send invoices again has had no owner for 3 working days. ana has little open \
      work.  !take 2 or !drop 2 why
        #3 water the plants has had no owner for 3 working days. ana has little open work.  !take \
      3 or !drop 3 why  (!why 3)
      bell → ana: #2 send invoices again has had no owner for 3 working days.  !give 2 @… or !drop \
      2 why
        #3 water the plants has had no owner for 3 working days.  !give 3 @… or !drop 3 why  (!why 4)
      """)
  }

  @Test func `weekends and holidays hear nothing`() {
    check(
      """
      ana: !calendar holiday 2026-11-26 Thanksgiving
      bell: ✓ Thu 26 Nov holiday: Thanksgiving.  Take it out: !calendar remove 2026-11-26
      ben: !task add renew cert @ben due thu
      bell: ✓ #1 renew cert — due Thu 26 Nov (Europe/Berlin), not a working day, with ben.  Undo: \
      !undo
      ben: !task add party @ben due sun
      bell: ✓ #2 party — due Sun 29 Nov (Europe/Berlin), not a working day, with ben.  Undo: !undo
      at fri 09:00
      bell → ben: #1 renew cert is due Thu 26 Nov.  !done 1 or !due 1 mon  (!why 1)
      bell → ben: #2 party is due Sun 29 Nov.  !done 2 or !due 2 mon
        #1 renew cert was due Thu 26 Nov. When can it be done?  !due 1 fri or !done 1  (!why 2)
      ana: !task add clear backlog
      bell: ✓ #3 clear backlog — no date, no owner.  Take it: !take 3
      at tue 18:00
      bell → ben: #2 party was due Sun 29 Nov. When can it be done?  !due 2 fri or !done 2  (!why 3)
      bell: #3 clear backlog has had no owner for 1 working day. ana has the least open \
      work.  !take 3 or !drop 3 why  (!why 4)
      bell → ana: #1 renew cert (ben) was due Thu 26 Nov.  !due 1 fri  (!why 5)
      """)
  }

  @Test func `in Chinese as in English`() {
    check(
      """
      ana: ！团队 语言 zh
      bell: ✓ 我在群里说简体中文。
      ben: ！任务 添加 处理退款 
      bell: ✓ #1 处理退款 — 无期限，无人负责。认领：!接 1
      ben: ！任务 添加 续签证书 @ben 截止明天
      bell: ✓ #2 续签证书 — 截止 11月24日周二（Europe/Berlin），ben 负责。撤销：!撤销
      at wed 18:00
      bell → ben: #2 续签证书 今天到期。!完成 2 或 !稍后 2 1天  （!为什么 1）
      bell: #1 处理退款 已经 1 个工作日没人负责。ana 手上的事最少。!接 1 或 !放下 1 原因  （!为什么 2）
      bell → ben: #2 续签证书 原定 11月24日周二。什么时候能完成？!截止 2 周五 或 !完成 2  （!为什么 3）
      """)
  }

  @Test func `several at once do not all call the same person`() {
    check(
      """
      ana: !todo one
      bell: ✓ #1 one — no date, no owner.  Take it: !take 1
      ana: !todo two
      bell: ✓ #2 two — no date, no owner.  Take it: !take 2
      ana: !todo three
      bell: ✓ #3 three — no date, no owner.  Take it: !take 3
      at tue 12:00
      bell: #1 one has had no owner for 1 working day. ben has the least open work.  !take 1 or \
      !drop 1 why
        #2 two has had no owner for 1 working day. ana has little open work.  !take 2 or !drop 2 why
        #3 three has had no owner for 1 working day. ben has little open work.  !take 3 or !drop 3 \
      why  (!why 1)
      ben: !why 1
      bell: Tue 24 Nov 10:00: A task has had no owner for 1 working day, then for 3, then once a \
      week.
      """)
  }
}
