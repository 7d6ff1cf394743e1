// --accept-clock: the admin vouches for this host's clock. The rights of the admin.
#pragma once

#include <CLI/CLI.hpp>

#include "keystore/store/keystore.h"

namespace sifguard {

struct ClockOption {
  bool accepted = false;

  void offer(CLI::App* command);
  /// check_ca_clock(), unless the admin has vouched.
  [[nodiscard]] Status check_for_ca(const Keystore& keystore) const;
};

}  // namespace sifguard
