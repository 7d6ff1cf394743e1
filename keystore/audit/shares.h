// How many bytes of the audit log each user has written recently. Pure.
//
// The counts are in a file beside the log, `.NAME.written`, with one line for each user: "UID AT
// BYTES\n", so that they outlive the log's rotation. A count decreases by kShare bytes a day (a
// leaky bucket) and is never more than twice kShare, so nobody is over his share for more than a
// day, and nobody writes more than twice kShare in a day. If the file is lost or malformed, the
// counts start again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sifguard {

class WrittenShares {
 public:
  static constexpr std::int64_t kShare = std::int64_t{1} << 20U;  ///< bytes for each user and day
  static constexpr std::int64_t kDaySeconds = 86'400;
  static constexpr std::size_t kMaxUsers =
      4096;  ///< beyond that, the user who wrote least is forgotten

  [[nodiscard]] static WrittenShares parse(std::string_view text);
  [[nodiscard]] std::string format() const;

  /// `now` in Unix seconds; while the clock is set back, no count decreases.
  void add(std::int64_t uid, std::size_t bytes, std::int64_t now);
  /// The recent bytes of a user, at most twice kShare.
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
