// The form of the options' values: pure text, in every SPANK context. The helper decides the rest.
#pragma once

#include <string_view>

namespace sifguard {

/// What is wrong with an option's value, as a message for the user; null when nothing is.
[[nodiscard]] const char* image_problem(std::string_view value) noexcept;
[[nodiscard]] const char* signer_problem(std::string_view value) noexcept;
[[nodiscard]] const char* action_problem(std::string_view value) noexcept;
[[nodiscard]] const char* bind_problem(std::string_view value) noexcept;
[[nodiscard]] const char* workdir_problem(std::string_view value) noexcept;
[[nodiscard]] const char* env_problem(std::string_view value) noexcept;

/// Whether `argument`, or the part before its '=', is a misspelling of `known`: in capitals, with
/// more letters after it, or at most two letters wrong, missing or added. Both must be short.
[[nodiscard]] bool is_nearly(std::string_view argument, std::string_view known) noexcept;

/// Removes the part before the first `separator` from `rest` and returns it.
[[nodiscard]] std::string_view take_part(std::string_view& rest, char separator) noexcept;

/// The same, but a separator or backslash after a backslash is an ordinary character: "\," is a
/// comma of the part. The part keeps the backslashes.
[[nodiscard]] std::string_view take_escaped_part(std::string_view& rest, char separator) noexcept;

}  // namespace sifguard
