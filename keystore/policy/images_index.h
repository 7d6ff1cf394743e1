// Where each binding is in images.yaml and which images it matches, so that a launch parses only
// the bindings for its image. Pure.
//
// Format (numbers are big-endian):
//   index:   "SGINDEX2" ‖ digest of images.yaml (32 bytes) ‖ number of bindings (4) ‖ bindings,
//            and nothing after
//   binding: offset in images.yaml (4) ‖ size (4) ‖ line (4) ‖ number of patterns (2) ‖ patterns
//   pattern: length (2) ‖ text
// An index contains no rules: the bindings are read from images.yaml each time. It is only made for
// a file that was parsed as a whole, after every binding, parsed alone from its place, was found to
// be the same; and it is only valid for the file with its digest.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

using ImagesDigest = std::array<std::byte, 32>;

/// `policy` is the result of parse_policy() for `yaml`. nullopt for a file whose bindings cannot be
/// read one by one, such as a list in brackets, which has no index.
[[nodiscard]] std::optional<std::string> make_images_index(std::string_view yaml,
                                                           const ImagesDigest& digest,
                                                           const Policy& policy);

/// Whether an index is for the file with this digest; the rest of the index is not checked.
[[nodiscard]] bool is_index_of(std::string_view index, const ImagesDigest& digest) noexcept;

/// The bindings with a pattern that may match one of these names (may_match()), in their order.
/// decide() gives the same result with them as with all. nullopt for an index that is malformed or
/// for another file.
[[nodiscard]] std::optional<Policy> indexed_bindings(std::string_view index, std::string_view yaml,
                                                     const ImagesDigest& digest,
                                                     const ImageNames& names);
/// All bindings.
[[nodiscard]] std::optional<Policy> all_indexed_bindings(std::string_view index,
                                                         std::string_view yaml,
                                                         const ImagesDigest& digest);

}  // namespace sifguard
