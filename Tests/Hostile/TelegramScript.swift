import Crew
import Platforms

extension PlatformScript {
  static let telegram: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.telegram.sample)
    script.settings.secrets = ["token_file": Credential(token: "999:canary-TOKEN")]
    script.polls = [
      [
        #"{"ok":true,"result":{"id":999,"is_bot":true,"first_name":"B","username":"Bell_Bot"}}"#,
        #"{"ok":true,"result":[]}"#,
      ]
    ]
    return script
  }()
}
