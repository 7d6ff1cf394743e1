// Limits how many refusals of one user are written to the audit log in a minute; more are counted.
// Pure.
//
// The counts are in a file beside the log, `.NAME.refusals`, with one line for each user: "UID
// SINCE WRITTEN LEFT_OUT\n". The file is not essential: if it is lost or malformed, the counts
// start again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

class RefusalCounts {
 public:
  static constexpr std::int64_t kWindowSeconds = 60;
  static constexpr std::size_t kMaxUsers =
      4096;  ///< beyond that, all refusals of further users are written

  struct LeftOut {
    std::int64_t uid;
    std::int64_t since;  ///< Unix seconds
    std::int64_t count;
  };

  [[nodiscard]] static RefusalCounts parse(std::string_view text);
  [[nodiscard]] std::string format() const;

  /// Whether a refusal of this user is to be written now; if not, it is counted.
  [[nodiscard]] bool admit(std::int64_t uid, int per_minute, std::int64_t now);
  /// Counts a refusal that is not written in any case.
  void leave_out(std::int64_t uid, std::int64_t now);
  /// Removes the windows that have ended, and returns what they left out.
  [[nodiscard]] std::vector<LeftOut> take_ended(std::int64_t now);

 private:
  struct Window {
    std::int64_t since = 0, written = 0, left_out = 0;
  };
  std::map<std::int64_t, Window> users_;
};

}  // namespace sifguard
