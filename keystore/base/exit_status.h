// The exit statuses of all programs, in one table. Any privilege; pure.
//
// The numbers are those of sysexits.h where their meaning fits, otherwise others below 100. The
// commands that people and scripts run (sifctl, sif-sign, sif-verify, sif-list) have one status for
// each kind of error, so that a script knows what to do. The statuses of a launch (the helper,
// sifguard-launch, `sifctl explain --verify`) are those that jobs have always seen.
// packaging/man/sifctl.8 has the table for readers.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct KindOfError {
  Code code;
  std::string_view name;  ///< for JSON and audit records
  int command;            ///< what sifctl and the tools end with
  int launch;             ///< what a launch ends with
};

inline constexpr std::array<KindOfError, 13> kKindsOfErrors = {{
    {Code::usage, "usage", 64, 64},
    {Code::refused, "refused", 65, 65},
    {Code::no_input, "no_input", 66, 66},
    {Code::unavailable, "unavailable", 69, 69},
    {Code::internal, "internal", 70, 70},
    {Code::temporary, "temporary", 75, 75},
    {Code::denied, "denied", 77, 77},
    {Code::config, "config", 78, 78},
    {Code::absent, "absent", 66, 78},
    {Code::exists, "exists", 73, 64},
    {Code::wrong_state, "wrong_state", 79, 64},
    {Code::cancelled, "cancelled", 80, 64},
    {Code::cannot_write, "cannot_write", 73, 73},
}};

/// Of sifctl: the change was made, but the owner of a signer's OpenPGP key has revoked it or let it
/// expire.
inline constexpr int kBadNewsStatus = 76;

/// The code of `error` for a command: denied if the kernel refused for lack of rights, and the
/// codes of errno_code.h for other errors of the system, whatever operation failed.
[[nodiscard]] Code code_for_command(const Error& error) noexcept;
[[nodiscard]] int command_status(Code code) noexcept;
[[nodiscard]] inline int command_status(const Error& error) noexcept {
  return command_status(code_for_command(error));
}
/// The first kind with this status, in the table's order; nullopt for an unknown status.
[[nodiscard]] std::optional<Code> code_of_command_status(int status) noexcept;
[[nodiscard]] std::optional<Code> code_of_launch_status(int status) noexcept;

}  // namespace sifguard
