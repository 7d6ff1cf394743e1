// How much of the audit log each user has written of late. Pure.
#include "keystore/audit/shares.h"

#include <algorithm>
#include <array>

#include "keystore/audit/numbers.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::int64_t kMost = 2 * WrittenShares::kShare;

}  // namespace

std::int64_t WrittenShares::Level::left(std::int64_t now) const noexcept {
  const std::int64_t passed = std::clamp<std::int64_t>(now - at, 0, 2 * kDaySeconds);
  return std::max<std::int64_t>(0, bytes - passed * kShare / kDaySeconds);
}

WrittenShares WrittenShares::parse(std::string_view text) {
  WrittenShares shares;
  for (const std::string& line : split(text, '\n')) {
    std::array<std::int64_t, 3> numbers{};
    if (!parse_numbers(line, numbers) || shares.users_.size() == kMaxUsers) break;
    if (numbers[1] < 0 || numbers[2] < 0 || numbers[2] > kMost) break;
    shares.users_[numbers[0]] = {numbers[1], numbers[2]};
  }
  return shares;
}

std::string WrittenShares::format() const {
  std::string text;
  for (const auto& [uid, level] : users_) {
    text += std::to_string(uid) + " " + std::to_string(level.at) + " " +
            std::to_string(level.bytes) + "\n";
  }
  return text;
}

void WrittenShares::forget_one(std::int64_t now) {
  users_.erase(std::min_element(users_.begin(), users_.end(), [&](const auto& a, const auto& b) {
    return a.second.left(now) < b.second.left(now);
  }));
}

void WrittenShares::add(std::int64_t uid, std::size_t bytes, std::int64_t now) {
  const auto more = static_cast<std::int64_t>(std::min<std::size_t>(bytes, kMost));
  if (users_.size() >= kMaxUsers && !users_.contains(uid)) forget_one(now);
  Level& level = users_[uid];
  level = {std::max(level.at, now), std::min(level.left(now) + more, kMost)};
}

std::int64_t WrittenShares::of(std::int64_t uid, std::int64_t now) const {
  const auto found = users_.find(uid);
  return found == users_.end() ? 0 : found->second.left(now);
}

}  // namespace sifguard
