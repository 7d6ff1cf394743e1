// How many refusals of one user the audit log takes in a minute; what is more is counted. Pure.
//
// The counts stand in a file beside the log, `.NAME.refusals`, one user a line: "UID SINCE WRITTEN
// LEFT_OUT\n". It is a convenience: a file that is lost or malformed begins anew.
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
  static constexpr std::size_t kMaxUsers = 4096;  ///< beyond, refusals of new ones are all written

  struct LeftOut {
    std::int64_t uid;
    std::int64_t since;  ///< Unix seconds
    std::int64_t count;
  };

  [[nodiscard]] static RefusalCounts parse(std::string_view text);
  [[nodiscard]] std::string format() const;

  /// Whether a refusal of this user is to be written now; if not, it is counted.
  [[nodiscard]] bool admit(std::int64_t uid, int per_minute, std::int64_t now);
  /// One that is not written in any case.
  void leave_out(std::int64_t uid, std::int64_t now);
  /// Forgets the windows that have ended, and tells what they left out.
  [[nodiscard]] std::vector<LeftOut> take_ended(std::int64_t now);

 private:
  struct Window {
    std::int64_t since = 0, written = 0, left_out = 0;
  };
  std::map<std::int64_t, Window> users_;
};

}  // namespace sifguard
