// A system call filter that allows the named calls and ends the process at any other. Any
// privilege; it is the last step of entering a sandbox. libseccomp's own limits apply.
#pragma once

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <memory>
#include <span>

#include "keystore/base/error.h"

namespace sifguard {

/// The error where the node does not support such a filter: Code::config.
[[nodiscard]] tl::unexpected<Error> fail_without_filter();

class CallFilter {
 public:
  CallFilter() : filter_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {}

  /// The argument at `position` is `value`; libseccomp's own macros for this are C only.
  [[nodiscard]] static constexpr scmp_arg_cmp is(unsigned position, scmp_datum_t value) {
    return {position, SCMP_CMP_EQ, value, 0};
  }
  /// Of the argument's bits in `mask`, exactly those in `value` are set.
  [[nodiscard]] static constexpr scmp_arg_cmp has(unsigned position, scmp_datum_t mask,
                                                  scmp_datum_t value) {
    return {position, SCMP_CMP_MASKED_EQ, mask, value};
  }

  /// Allows these calls, whatever their arguments.
  void allow(std::span<const int> calls);
  /// Allows `call` if all conditions on its arguments hold.
  template <typename... Conditions>
  void allow(int call, Conditions... conditions) {
    note(seccomp_rule_add(filter_.get(), SCMP_ACT_ALLOW, call, sizeof...(conditions),
                          conditions...));
  }
  /// Allows fstat() of `fd`, which glibc makes as newfstatat() with an empty path.
  void allow_fstat(int fd);
  /// Allows memory calls, but no executable memory.
  void allow_memory();

  /// Applies the filter to all threads, permanently. Errors: Code::internal when no_new_privs
  /// cannot be set, Code::config when the node does not support such a filter.
  Status enter();

 private:
  struct Deleter {
    void operator()(void* filter) const noexcept { seccomp_release(filter); }
  };
  void note(int result) noexcept { failed_ = failed_ || result != 0; }
  std::unique_ptr<void, Deleter> filter_;
  bool failed_ = false;
};

}  // namespace sifguard
