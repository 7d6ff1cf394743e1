// The form of the options' values: pure text, in every SPANK context. The helper decides the rest.
#pragma once

#include <string_view>

namespace sifguard {

/// What is wrong with an option's value, for a person; null when nothing is.
[[nodiscard]] const char* image_problem(std::string_view value) noexcept;
[[nodiscard]] const char* signer_problem(std::string_view value) noexcept;
[[nodiscard]] const char* action_problem(std::string_view value) noexcept;
[[nodiscard]] const char* bind_problem(std::string_view value) noexcept;
[[nodiscard]] const char* workdir_problem(std::string_view value) noexcept;
[[nodiscard]] const char* env_problem(std::string_view value) noexcept;

/// Whether `argument`, or what stands before its '=', is `known` mistyped: in capitals, with more
/// behind it, or two letters off. Neither is long.
[[nodiscard]] bool is_nearly(std::string_view argument, std::string_view known) noexcept;

/// Takes what stands before the first `separator` off the front of `rest`.
[[nodiscard]] std::string_view take_part(std::string_view& rest, char separator) noexcept;

/// The same, where a separator or backslash behind a backslash is none: "\," is a comma of the
/// part. The backslashes stay in it.
[[nodiscard]] std::string_view take_escaped_part(std::string_view& rest, char separator) noexcept;

}  // namespace sifguard
