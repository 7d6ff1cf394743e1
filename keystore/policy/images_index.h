// Where each binding stands in images.yaml and which images it is for, so that a launch parses the
// bindings for its image alone. Pure.
//
// Format (numbers are big-endian):
//   "SGINDEX2" ‖ digest of images.yaml (32 bytes) ‖ number of bindings (4) ‖ bindings, nothing
//   after binding: offset in images.yaml (4) ‖ size (4) ‖ line (4) ‖ number of patterns (2) ‖
//   patterns pattern: length (2) ‖ text
// An index says nothing of its own: what a binding means is read from images.yaml each time. It is
// only made of a file that was parsed as a whole, once every binding, parsed alone from its place,
// was seen to be the same; and it holds for the file with its digest alone.
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

/// `policy` is what parse_policy() made of `yaml`. nullopt for a file whose bindings cannot be read
/// one by one, such as a list in brackets: it has no index.
[[nodiscard]] std::optional<std::string> make_images_index(std::string_view yaml,
                                                           const ImagesDigest& digest,
                                                           const Policy& policy);

/// Whether an index is of the file with this digest; what it holds is not looked at.
[[nodiscard]] bool is_index_of(std::string_view index, const ImagesDigest& digest) noexcept;

/// The bindings with a pattern that may be for one of these names (may_match()), in their order: to
/// decide() they are the same as all. nullopt for an index that is malformed or of another file.
[[nodiscard]] std::optional<Policy> indexed_bindings(std::string_view index, std::string_view yaml,
                                                     const ImagesDigest& digest,
                                                     const ImageNames& names);
/// All bindings.
[[nodiscard]] std::optional<Policy> all_indexed_bindings(std::string_view index,
                                                         std::string_view yaml,
                                                         const ImagesDigest& digest);

}  // namespace sifguard
