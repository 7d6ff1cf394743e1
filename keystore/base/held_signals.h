// Signals that wait while files are put in place. sifctl, with the rights of the admin.
#pragma once

#include <memory>

namespace sifguard {

/// Signals that would end the process (^C, SIGTERM, SIGHUP, …) are delivered when the last of these
/// objects is gone. So an operation that would be left half done if interrupted is short, and
/// undoes itself if it fails. After SIGKILL and crashes, which cannot wait, the names of the
/// remaining files show what happened. For one thread.
class HeldSignals {
 public:
  /// The existing object, or a new one.
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
