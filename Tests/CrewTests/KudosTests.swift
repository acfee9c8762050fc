import Testing

@Suite struct KudosTests {
  @Test func `thanks are told in the room`() {
    check(
      """
      ana: @ben++ for staying with the client #customer
      bell: ✓ k1 ben +1 #customer (you have 4 left today).  Undo: !undo
      ana: !undo
      bell: ↶ Undone: @ben++ for staying with the client #customer
      ben → bell: kudos mine
      bell → ben: None yet. Give some?
      """)
  }

  @Test func `nobody thanks oneself, twice, or without a reason`() {
    check(
      """
      ana: !kudos @ana for being me
      bell: ✗ Kudos are for others. Try: !kudos @ben for the 2am rollback #customer
      ana: !kudos @ben
      bell: ✗ What for? Try: !kudos @ben for the 2am rollback #customer
      ana: !kudos @ben for the rollback
      bell: ✓ k1 ben +1 (you have 4 left today).  Undo: !undo
      ana: @ben ++ again
      bell: ✗ You thanked ben already; give it a day.
      """)
  }

  @Test func `plain chat with a plus is plain chat`() {
    check(
      """
      ana: C++ is hard, @ben
      ana: @ben hello
      ana: @ben--
      ana: ++
      """)
  }

  @Test func `a stranger gives nothing`() {
    check(
      """
      cleo: !kudos @ben for nothing
      cleo → bell: kudos @ben for nothing
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from there.
      """)
  }

  @Test func `in Chinese as in English`() {
    check(
      """
      ana: ！赞 @ben 因为 凌晨两点的回滚 #客户
      bell: ✓ k1 ben +1 #客户 (you have 4 left today).  Undo: !undo
      """)
  }
}
