// The exit statuses of all programs, in one table. Any privilege; pure.
//
// The numbers are those of sysexits.h where its meaning fits, and others below 100 where it has
// none. `sifctl` has one status for each kind of trouble, so that a script knows what to do; what a
// launch ends with (sifguard-launch, sif-verify, sif-sign, `sifctl explain --verify`) is what jobs
// have always seen. packaging/man/sifctl.8 has the table for readers.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct KindOfError {
  Code code;
  std::string_view name;  ///< for JSON and audit records
  int sifctl;             ///< what sifctl ends with
  int launch;             ///< what every other program ends with
};

inline constexpr std::array<KindOfError, 13> kKindsOfErrors = {{
    {Code::usage, "usage", 64, 64},
    {Code::refused, "refused", 65, 65},
    {Code::no_input, "no_input", 66, 66},
    {Code::unavailable, "unavailable", 69, 69},
    {Code::internal, "internal", 70, 70},
    {Code::cannot_write, "cannot_write", 70, 73},
    {Code::temporary, "temporary", 75, 75},
    {Code::denied, "denied", 77, 77},
    {Code::config, "config", 78, 78},
    {Code::absent, "absent", 66, 78},
    {Code::exists, "exists", 73, 64},
    {Code::wrong_state, "wrong_state", 79, 64},
    {Code::cancelled, "cancelled", 80, 64},
}};

/// Of sifctl, done all the same: the OpenPGP key of a signer was ended by its owner.
inline constexpr int kBadNewsStatus = 76;

/// `error` as sifctl tells it: what the kernel refused for lack of rights is denied, and the
/// trouble of a disk has its own codes (error.h), whatever it stopped.
[[nodiscard]] Code code_for_sifctl(const Error& error) noexcept;
[[nodiscard]] int sifctl_status(Code code) noexcept;
[[nodiscard]] inline int sifctl_status(const Error& error) noexcept {
  return sifctl_status(code_for_sifctl(error));
}
/// The first kind with this status, in the table's order; nullopt for a status that is none.
[[nodiscard]] std::optional<Code> code_of_sifctl_status(int status) noexcept;
[[nodiscard]] std::optional<Code> code_of_launch_status(int status) noexcept;

}  // namespace sifguard
