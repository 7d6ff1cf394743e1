// Signals that wait while files are put in place. sifctl, with the rights of the admin.
#include "keystore/base/held_signals.h"

#include <signal.h>

#include <optional>

#include "keystore/base/deferrable_signals.h"

namespace sifguard {
namespace {

bool lingers = false;                // NOLINT(*-avoid-non-const-global-variables)
std::optional<sigset_t> mask_later;  // NOLINT(*-avoid-non-const-global-variables)

bool is_one_waiting() {
  const sigset_t held = deferrable_signals();
  sigset_t waiting;
  ::sigpending(&waiting);
  sigset_t both;
  return ::sigandset(&both, &waiting, &held) == 0 && ::sigisemptyset(&both) == 0;
}

}  // namespace

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
  if (lingers && !mask_later && is_one_waiting()) mask_later = before_->mask;
  if (mask_later) return;
  ::sigprocmask(SIG_SETMASK, &before_->mask, nullptr);
}

std::weak_ptr<const HeldSignals>& HeldSignals::held() {
  static std::weak_ptr<const HeldSignals> held;
  return held;
}

std::shared_ptr<const HeldSignals> HeldSignals::hold() {
  if (auto there = held().lock()) return there;
  std::shared_ptr<const HeldSignals> made(new HeldSignals);
  held() = made;
  return made;
}

LateSignals::LateSignals() {
  lingers = true;
}

LateSignals::~LateSignals() {
  lingers = false;
  deliver();
  mask_later.reset();  // while HeldSignals exist, the last of them delivers
}

void LateSignals::begin() noexcept {
  if (!lingers || mask_later) return;
  if (const auto there = HeldSignals::held().lock()) {
    mask_later = there->before_->mask;
    return;
  }
  const sigset_t held = deferrable_signals();
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &held, &before);
  mask_later = before;
}

void LateSignals::deliver() noexcept {
  if (!mask_later || HeldSignals::held().lock()) return;
  const sigset_t mask = *mask_later;
  mask_later.reset();
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
}

}  // namespace sifguard
