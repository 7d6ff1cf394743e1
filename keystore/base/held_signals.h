// Signals that wait while files are put in place. sifctl, with the rights of the admin.
#pragma once

#include <memory>

namespace sifguard {

/// What would end the process (^C, SIGTERM, SIGHUP, …) comes when the last of these is gone: a step
/// that leaves half of something when it is cut is short, and undoes itself if it fails. What
/// cannot wait, SIGKILL and crashes, is told by the names that are left. One thread.
class HeldSignals {
 public:
  /// The one that there is, or a new one.
  [[nodiscard]] static std::shared_ptr<const HeldSignals> hold();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals();

 private:
  struct Before;
  HeldSignals();
  std::unique_ptr<const Before> before_;
};

}  // namespace sifguard
