// How much of the audit log each user has written of late. Pure.
//
// The counts stand in a file beside the log, `.NAME.written`, one user a line: "UID AT BYTES\n",
// so that they outlive the log's rotation. What was written leaks away, kShare bytes a day: nobody
// is far over his share by more than a day's worth, and nobody writes more than twice kShare in a
// day. A file that is lost or malformed begins anew.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sifguard {

class WrittenShares {
 public:
  static constexpr std::int64_t kShare = std::int64_t{1} << 20U;  ///< bytes, a user and day
  static constexpr std::int64_t kDaySeconds = 86'400;
  static constexpr std::size_t kMaxUsers = 4096;  ///< beyond, who wrote least is forgotten

  [[nodiscard]] static WrittenShares parse(std::string_view text);
  [[nodiscard]] std::string format() const;

  /// `now` in Unix seconds; a clock that was set back lets nothing leak away.
  void add(std::int64_t uid, std::size_t bytes, std::int64_t now);
  /// Bytes of late, at most twice kShare.
  [[nodiscard]] std::int64_t of(std::int64_t uid, std::int64_t now) const;

 private:
  struct Level {
    std::int64_t at = 0, bytes = 0;
    [[nodiscard]] std::int64_t left(std::int64_t now) const noexcept;
  };
  void forget_one(std::int64_t now);
  std::map<std::int64_t, Level> users_;
};

}  // namespace sifguard
