// The statement that a signature makes about a group of an image's objects. The user's rights.
//
// It is one line of JSON as sylabs/sif's `integrity` writes it with Go's json.Marshal
// (helper/verify/sandbox/metadata.h describes its parts), with SHA-256 throughout:
//   {"version":1,"header":{"digest":"sha256:…"},
//    "objects":[{"relativeId":0,"descriptorDigest":"sha256:…","objectDigest":"sha256:…"}]}
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "helper/sif/image.h"
#include "keystore/base/error.h"

namespace sifguard {

/// Ids of the groups that have objects, ascending.
[[nodiscard]] std::vector<std::uint32_t> groups_of(const sif::Image& image);

/// Bytes of data that make_statements() will read for these groups.
[[nodiscard]] std::uint64_t bytes_to_hash(const sif::Image& image,
                                          std::span<const std::uint32_t> groups);

/// The statements about these groups, in this order, each over every object of its group. Reads the
/// data in `fd` in one pass, on all cores. `progress`, if any, counts the bytes read. Call
/// prepare_digests() before. Errors: Code::refused when a group has no objects; those of
/// hash_objects().
[[nodiscard]] Result<std::vector<std::string>> make_statements(
    int fd, const sif::Image& image, std::span<const std::uint32_t> groups,
    std::uint64_t* progress = nullptr);

}  // namespace sifguard
