// The options of a command that say who may run an image. Runs with the rights of the admin.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

class AudienceOptions {
 public:
  /// Adds --allow-user and the like, --everyone, --deny-user and --deny-group.
  void offer(CLI::App& command);

  /// Adds who is named in an answer: "everyone", or users, and groups as @GROUP.
  void take(const std::string& words);
  /// Errors: Code::usage if nobody is allowed, and for a contradiction.
  [[nodiscard]] Result<Audience> allow() const;
  [[nodiscard]] Result<std::optional<Audience>> deny() const;
  [[nodiscard]] bool everyone() const noexcept { return everyone_; }

 private:
  using Values = std::vector<std::string>;
  Values users_, groups_, accounts_, partitions_, qos_, reservations_, nodes_;
  bool everyone_ = false;
  Values deny_users_, deny_groups_;
};

}  // namespace sifguard
