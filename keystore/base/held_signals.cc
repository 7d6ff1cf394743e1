// Signals that wait while files are put in place. sifctl, with the rights of the admin.
#include "keystore/base/held_signals.h"

#include <signal.h>

#include "keystore/base/deferrable_signals.h"

namespace sifguard {

struct HeldSignals::Before {
  sigset_t mask;
};

HeldSignals::HeldSignals() {
  const sigset_t held = deferrable_signals();
  Before before{};
  ::sigprocmask(SIG_BLOCK, &held, &before.mask);
  before_ = std::make_unique<const Before>(before);
}

HeldSignals::~HeldSignals() {
  ::sigprocmask(SIG_SETMASK, &before_->mask, nullptr);
}

std::shared_ptr<const HeldSignals> HeldSignals::hold() {
  static std::weak_ptr<const HeldSignals> held;
  if (auto there = held.lock()) return there;
  std::shared_ptr<const HeldSignals> made(new HeldSignals);
  held = made;
  return made;
}

}  // namespace sifguard
