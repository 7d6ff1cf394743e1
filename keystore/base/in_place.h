// Errors after a change: readers already see it, but a later part of it failed. Any privilege.
//
// The words of the error are the mark. Code that makes a change in several steps checks for it, so
// that it does not undo something that the change depends on, and the reader learns that the change
// was made.
#pragma once

#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// "the change is in place, but BUT: …".
[[nodiscard]] Error in_place(Error error, std::string_view but);
[[nodiscard]] bool is_in_place(const Error& error) noexcept;
/// The error of a change that nobody has seen and that is undone: removes these words.
[[nodiscard]] Status taken_back(Status done);
/// Whether readers see the change whose status is `done`.
[[nodiscard]] inline bool is_made(const Status& done) noexcept {
  return done || is_in_place(done.error());
}

}  // namespace sifguard
