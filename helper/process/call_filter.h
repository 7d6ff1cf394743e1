// A filter of system calls that lets through what is named, and ends the process at any other. Any
// privilege; the last thing that a sandbox does to itself. libseccomp's own limits hold.
#pragma once

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <memory>
#include <span>

#include "keystore/base/error.h"

namespace sifguard {

/// What is told where the node gives no filter: Code::config.
[[nodiscard]] tl::unexpected<Error> fail_without_filter();

class CallFilter {
 public:
  CallFilter() : filter_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {}

  /// The argument at `position` is `value`; libseccomp's own macros for this are C only.
  [[nodiscard]] static constexpr scmp_arg_cmp is(unsigned position, scmp_datum_t value) {
    return {position, SCMP_CMP_EQ, value, 0};
  }
  /// Of the bits in `mask`, exactly those in `value` are set.
  [[nodiscard]] static constexpr scmp_arg_cmp has(unsigned position, scmp_datum_t mask,
                                                  scmp_datum_t value) {
    return {position, SCMP_CMP_MASKED_EQ, mask, value};
  }

  /// Lets these calls through, whatever their arguments.
  void allow(std::span<const int> calls);
  /// Lets `call` through where all conditions on its arguments hold.
  template <typename... Conditions>
  void allow(int call, Conditions... conditions) {
    note(seccomp_rule_add(filter_.get(), SCMP_ACT_ALLOW, call, sizeof...(conditions),
                          conditions...));
  }
  /// fstat() of `fd`; glibc's is newfstatat() with an empty path.
  void allow_fstat(int fd);
  /// Memory, never executable.
  void allow_memory();

  /// Puts it in force for all threads, for good. Errors: Code::internal when new privileges cannot
  /// be given up, Code::config when the node gives no such filter.
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
