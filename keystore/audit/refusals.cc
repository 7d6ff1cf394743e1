// How many refusals of one user the audit log records in a minute; further ones are only counted.
// Pure.
#include "keystore/audit/refusals.h"

#include <array>

#include "keystore/audit/numbers.h"
#include "keystore/base/text.h"

namespace sifguard {
RefusalCounts RefusalCounts::parse(std::string_view text) {
  RefusalCounts counts;
  for (const std::string& line : split(text, '\n')) {
    std::array<std::int64_t, 4> numbers{};
    if (!parse_numbers(line, numbers) || counts.users_.size() == kMaxUsers) break;
    if (numbers[2] < 0 || numbers[3] < 0) break;
    counts.users_[numbers[0]] = {numbers[1], numbers[2], numbers[3]};
  }
  return counts;
}

std::string RefusalCounts::format() const {
  std::string text;
  for (const auto& [uid, window] : users_) {
    text += std::to_string(uid) + " " + std::to_string(window.since) + " " +
            std::to_string(window.written) + " " + std::to_string(window.left_out) + "\n";
  }
  return text;
}

void RefusalCounts::leave_out(std::int64_t uid, std::int64_t now) {
  if (users_.size() >= kMaxUsers && !users_.contains(uid)) return;
  Window& window = users_[uid];
  if (window.written == 0 && window.left_out == 0) window.since = now;
  ++window.left_out;
}

bool RefusalCounts::admit(std::int64_t uid, int per_minute, std::int64_t now) {
  if (per_minute <= 0) return true;
  if (users_.size() >= kMaxUsers && !users_.contains(uid)) return true;
  Window& window = users_[uid];
  if (window.written == 0 && window.left_out == 0) window.since = now;
  if (window.written < per_minute) {
    ++window.written;
    return true;
  }
  ++window.left_out;
  return false;
}

std::vector<RefusalCounts::LeftOut> RefusalCounts::take_ended(std::int64_t now) {
  std::vector<LeftOut> ended;
  for (auto user = users_.begin(); user != users_.end();) {
    const Window& window = user->second;
    // A clock that was set back ends a window too.
    const bool running = now >= window.since && now - window.since < kWindowSeconds;
    if (!running && window.left_out > 0) {
      ended.push_back({user->first, window.since, window.left_out});
    }
    user = running ? std::next(user) : users_.erase(user);
  }
  return ended;
}

}  // namespace sifguard
