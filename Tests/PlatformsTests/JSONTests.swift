import Foundation
import Platforms
import Testing

@Suite struct `JSON from outside` {
  @Test func `values are read and written alike`() {
    let text = #"{"a":[1,-2,2.5,true,false,null],"b":{"c":"x\"y\\z\n\t\u0001"},"é":"👩‍👩‍👧"}"#
    #expect(JSON(text: text)?.text == text)
    #expect(JSON(text: " [ 1 , { } , [ ] ] ") == [1, [:], []])
    #expect(JSON(text: #""\u00e9\ud83d\ude00\/\b\f\t\r""#) == "é😀/\u{8}\u{C}\t\r")
    #expect(JSON(text: "9223372036854775807")?.integer == .max)
    #expect(JSON(text: "3.0")?.integer == 3 && JSON(text: "1e400") == .null)
  }

  @Test func `what cannot be text is replaced`() {
    #expect(
      JSON(text: #"["\ud800","\udc00x","\ud800\u0041"]"#) == ["\u{FFFD}", "\u{FFFD}x", "\u{FFFD}A"])
    #expect(JSON(Data([0x22, 0xFF, 0xC0, 0xAF, 0x22])) == "\u{FFFD}\u{FFFD}\u{FFFD}")
    #expect(JSON(text: #"{"a":1,"a":2}"#) == ["a": 2])
  }

  @Test(arguments: [
    "", " ", "{", "[1,", "[1,]", #"{"a"}"#, #"{"a":}"#, "tru", #""x"#, "1 2", "-", "nul", #""\x""#,
    #""\u12g4""#, "{1:2}", "<html>",
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(JSON(text: text) == nil)
  }

  @Test func `depth and size do no harm`() {
    let open = String(repeating: "[", count: 100_000)
    let close = String(repeating: "]", count: 100_000)
    #expect(JSON(text: open) == nil)
    #expect(JSON(text: open + close) != nil)
    #expect(JSON(text: #"{"deep":\#(open)\#(close),"next":1}"#)?["next"] == 1)
    #expect(JSON(text: String(repeating: "9", count: 1_000_000)) == .null)
  }
}
