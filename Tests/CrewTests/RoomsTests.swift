import Crew
import Testing

/// A team in several rooms. Dora and Emil sit in the hall, on another platform: `dora:` writes
/// there, `bell @ other:` is said there.
@Suite struct RoomsTests {
  private static let joined = """
    dora invites
    bell @ other: I ring when something is nobody's or has gone quiet. dora manages this team here.
      Begin with !task add renew cert due fri, !checkin schedule daily 09:30 or !help.
    ana → bell: team room
    bell → ana: Bring me into the other room. Then write there, within 10 minutes: !team join \
    mwzkvxfm
    dora: !team join mwzkvxfm
    bell @ other: ✓ This room is one of Desk's now: its tasks, goals and reminders are told here too.
      Whoever is in several of its rooms: !link
    bell: Hall (other) is one of this team's rooms now.
    """

  @Test func `what is decided in one room counts in the other`() {
    check(
      Self.joined + "\n" + """
        dora: !task add renew cert due fri
        bell @ other: ✓ #1 renew cert — due Fri 27 Nov (Europe/Berlin), no owner.  Take it: !take 1
        ben: !take 1
        bell: ✅
        dora: !tasks
        bell @ other: Open tasks:
          #1 renew cert · with ben · due Fri 27 Nov
        dora: !team
        bell @ other: Desk: 3 members, managed by ana
          English · Europe/Berlin · Mon–Fri 09:00–18:00
          Rooms: Desk (chat), Hall (other)
          Change: !team name !team lang !team tz !team workdays !team hours !team room · !policy · \
        !member list
        """)
  }

  @Test func `a kudos is told in the other rooms, and one person has one allowance`() {
    check(
      Self.joined + "\n" + """
        ana → bell: link
        bell → ana: Your code is dbftjdqb, for 10 minutes. Write !link dbftjdqb to me from your \
        other account.
        emil: !link dbftjdqb
        bell @ other: ✓ You are ana of Desk here too.
        dora: @ben++ for the rollback #customer
        bell @ other: ✓ k1 ben +1 #customer (you have 4 left today).  Undo: !undo
        bell: dora thanks ben: the rollback #customer  (Hall)
        ana: @dora++ for the idea
        bell: ✓ k2 dora +1 (you have 4 left today).  Undo: !undo
        bell @ other: ana thanks dora: the idea  (Desk)
        emil: @dora++ once more
        bell @ other: ✗ You thanked dora already; give it a day.
        ana: !policy kudos.allowance 1
        bell: ✓ kudos.allowance: 1
        emil: @ben++ for the cake
        bell @ other: ✗ You have 0 left today.
        """)
  }

  @Test func `a reminder is said in every room`() {
    check(
      Self.joined + "\n" + """
        dora: !task add renew cert
        bell @ other: ✓ #1 renew cert — no date, no owner.  Take it: !take 1
        at thu 09:30
        bell: #1 renew cert has had no owner for 1 working day. ana has the least open work.  \
        !take 1 or !drop 1 why  (!why 1)
        bell @ other: #1 renew cert has had no owner for 1 working day. ana has the least open \
        work.  !take 1 or !drop 1 why  (!why 1)
        """)
  }

  @Test func `a digest comes where its reader wants it`() {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play(Self.joined)
    let said = stage.play(
      """
      ana → bell: digest to other
      ana → bell: link
      emil: !link msyptxzx
      ana: !task add water the plants
      ana → bell: digest to other
      ana → bell: digest on
      at mon 09:30
      """)
    let lines = said.split(separator: "\n").map(String.init)
    #expect(
      lines.contains(
        "bell → ana: ✗ I don't know you on other: be the same person there first. Try: !link"))
    #expect(lines.contains("bell → ana: ✓ Your digests come on other.  Back: !digest to chat"))
    #expect(lines.contains { $0.hasPrefix("bell → emil: Desk — week 48") }, "\(said)")
    #expect(!lines.contains { $0.hasPrefix("bell → ana: Desk — week 48") })
  }

  @Test func `a code is a manager's, for ten minutes, once, and for a room without work`() {
    check(
      """
      ben: !team room
      bell: ✗ That is for managers of this team.
      ana → bell: team room
      bell → ana: Bring me into the other room. Then write there, within 10 minutes: !team join \
      mwzkvxfm
      dora invites
      bell @ other: I ring when something is nobody's or has gone quiet. dora manages this team here.
        Begin with !task add renew cert due fri, !checkin schedule daily 09:30 or !help.
      emil: !team join mwzkvxfm
      bell @ other: ✗ That is for managers of this team.
      dora → bell: team join mwzkvxfm
      bell → dora: ✗ Write that in the room that you mean.
      dora: !team join
      bell @ other: ✗ That code is not valid, or not any more. Try: !team room
      dora: !task add water the plants
      bell @ other: ✓ #1 water the plants — no date, no owner.  Take it: !take 1
      dora: !team join mwzkvxfm
      bell @ other: ✗ This room's team has work of its own, and I cannot put two teams together.
      dora: !undo
      bell @ other: ↶ Undone: !task add water the plants
      dora: !team join mwzkvxfm
      bell @ other: ✓ This room is one of Desk's now: its tasks, goals and reminders are told here too.
        Whoever is in several of its rooms: !link
      bell: Hall (other) is one of this team's rooms now.
      """)
  }

  @Test func `a code is worth nothing once its giver manages no more`() {
    check(
      """
      ana: !team room
      bell: ✅
      bell → ana: Bring me into the other room. Then write there, within 10 minutes: !team join \
      qgwdgkwc
      ana: !member manager @ben
      bell: ✓ ben manages the team too.  Undo: !undo
      ben: !member unmanager @ana
      bell: ✓ ana is no manager any more.  Undo: !undo
      dora invites
      bell @ other: I ring when something is nobody's or has gone quiet. dora manages this team here.
        Begin with !task add renew cert due fri, !checkin schedule daily 09:30 or !help.
      dora: !team join qgwdgkwc
      bell @ other: ✗ That code is not valid, or not any more. Try: !team room
      """)
  }

  @Test func `a code runs out`() {
    check(
      """
      ana: !team leave
      bell: ✗ This is the team's only room.
      ana: !team room
      bell: ✅
      bell → ana: Bring me into the other room. Then write there, within 10 minutes: !team join \
      mwzkvxfm
      at 09:15
      dora invites
      bell @ other: I ring when something is nobody's or has gone quiet. dora manages this team here.
        Begin with !task add renew cert due fri, !checkin schedule daily 09:30 or !help.
      dora: !team join mwzkvxfm
      bell @ other: ✗ That code is not valid, or not any more. Try: !team room
      """)
  }

  @Test func `a room that leaves is a team of its own, and who was only there goes with it`() {
    check(
      Self.joined + "\n" + """
        emil: !task add water the plants @emil
        bell @ other: ✓ #1 water the plants — no date, with emil.  Undo: !undo
        dora: !team leave
        bell @ other: ✗ That is for managers of this team.
        ana: !member manager @dora
        bell: ✓ dora manages the team too.  Undo: !undo
        dora: !team leave
        bell @ other: ✓ This room has left Desk and is a team of its own. dora manages it.
        bell: Hall (other) is not one of this team's rooms any more.
        ana: !members
        bell → ana: ana (manager), ben
        ana: !tasks
        bell → ana: Open tasks:
          #1 water the plants · no owner
        dora: !tasks
        bell @ other: Open tasks: none.
        dora: !team join mwzkvxfm
        bell @ other: ✗ That code is not valid, or not any more. Try: !team room
        """)
  }

  @Test func `the last manager does not go with a room`() {
    check(
      Self.joined + "\n" + """
        ana: !team leave
        bell: ✗ Its other rooms need a manager first. Try: !member manager @ben
        """)
  }

  @Test func `who leaves one room stays while there is another`() {
    check(
      Self.joined + "\n" + """
        emil: !link
        bell @ other: ✅
        bell → emil: Your code is dbftjdqb, for 10 minutes. Write !link dbftjdqb to me from your \
        other account.
        ben: !link dbftjdqb
        bell: ✓ You are emil of Desk here too.
        emil leaves
        dora leaves
        ana: !members
        bell → ana: ana (manager), emil
        """)
  }
}
