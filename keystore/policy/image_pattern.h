// Patterns that select names of images (matches_image() in policy.h), in their one form. Pure text.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// With any of these a pattern is more than a name.
inline constexpr std::string_view kWildcards = "*?[";

/// A pattern as it is compared with canonical names (image_name.h): an absolute path as it was
/// written; of an oras://, library:// or https:// URI what is not a wildcard in the canonical form
/// that names have, so that a capital host, a default port or a missing tag ("latest") means what
/// it would mean in a name. No components "." and "..", no empty ones. Errors: Code::usage, saying
/// what is wrong with it: also other programs' wildcards ({a,b}, [[:alpha:]], @(a|b)), and what no
/// canonical name can match.
[[nodiscard]] Result<std::string> canonical_pattern(std::string_view pattern);

/// A pattern that matches this text alone.
[[nodiscard]] std::string escaped_pattern(std::string_view text);

/// The tag or digest that the pattern of a repository ends with, if it is one and not a pattern;
/// else empty.
[[nodiscard]] std::string_view literal_reference(std::string_view pattern);

/// A canonical pattern with any tag and digest, or query, in the place of its own.
[[nodiscard]] std::string with_any_reference(std::string_view pattern);

}  // namespace sifguard
