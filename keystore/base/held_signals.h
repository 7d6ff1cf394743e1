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
  friend class LateSignals;
  struct Before;
  HeldSignals();
  static std::weak_ptr<const HeldSignals>& held();
  std::unique_ptr<const Before> before_;
};

/// While one exists, signals that come while HeldSignals exist, or after begin(), wait until
/// deliver() or the end of this object: what has been put in place is also recorded and told. One
/// in a process, made before any HeldSignals.
class LateSignals {
 public:
  LateSignals();
  LateSignals(const LateSignals&) = delete;
  LateSignals& operator=(const LateSignals&) = delete;
  ~LateSignals();

  /// From now on signals wait. FileLock calls it: a signal comes before everything that is changed
  /// under a lock, or after it is told. No effect without such an object.
  static void begin() noexcept;
  /// Before what takes long or waits for people: signals have their effect, and wait no longer. No
  /// effect while HeldSignals exist.
  static void deliver() noexcept;
};

}  // namespace sifguard
