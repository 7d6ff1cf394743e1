// Patterns that select names of images (matches_image() in policy.h), in canonical form. Pure text.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// The characters that make a text a pattern and not a name.
inline constexpr std::string_view kWildcards = "*?[";

/// A pattern as it is compared with canonical names (image_name.h). An absolute path is unchanged.
/// In an oras://, library:// or https:// URI, all parts but wildcards get the canonical form of
/// names, so that a capital host, a default port or a missing tag ("latest") means the same as in a
/// name. There are no components "." and "..", and no empty ones. Errors: Code::usage, which says
/// what is wrong; also for other programs' wildcards ({a,b}, [[:alpha:]], @(a|b)), and for a
/// pattern that no canonical name can match.
[[nodiscard]] Result<std::string> canonical_pattern(std::string_view pattern);

/// A pattern that matches this text alone.
[[nodiscard]] std::string escaped_pattern(std::string_view text);

/// The tag or digest at the end of a pattern for a repository, if it has no wildcard; else empty.
[[nodiscard]] std::string_view literal_reference(std::string_view pattern);

/// A canonical pattern whose tag or digest, or query, is replaced by one that matches any.
[[nodiscard]] std::string with_any_reference(std::string_view pattern);

}  // namespace sifguard
