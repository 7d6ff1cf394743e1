// Errors of what is changed already: readers see it, but something that goes with it failed. Any
// privilege.
//
// The words are the mark: who made a change in several steps asks for it, so as not to take back
// what the change is by now built upon, and the reader learns that it was made.
#pragma once

#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// "the change is in place, but BUT: …".
[[nodiscard]] Error in_place(Error error, std::string_view but);
[[nodiscard]] bool is_in_place(const Error& error) noexcept;
/// Of a change that nobody has seen, and that is undone: without these words.
[[nodiscard]] Status taken_back(Status done);
/// Whether readers see the change that `done` is of.
[[nodiscard]] inline bool is_made(const Status& done) noexcept {
  return done || is_in_place(done.error());
}

}  // namespace sifguard
