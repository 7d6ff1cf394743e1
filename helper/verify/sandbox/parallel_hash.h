// One pass over the data of an image's objects, whatever the number of signatures and algorithms.
// Runs in the sandboxed verifier; reads with pread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/workers.h"
#include "keystore/base/error.h"

namespace sifguard {

/// The digests of one object's data that are needed.
struct HashRequest {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::array<bool, kDigestAlgorithms> wanted{};
  std::array<std::optional<Digest>, kDigestAlgorithms> found{};  ///< filled in by hash_objects()
};

/// One digest over the data of several objects, one after the other (legacy group signatures).
struct HashChain {
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;
  std::vector<std::size_t> requests;  ///< indices of HashRequests, strictly ascending
  std::optional<Digest> found;        ///< filled in by hash_objects()
};

/// Reads each needed object exactly once, overlaps reading with hashing and distributes objects and
/// algorithms over `workers` (null: the calling thread alone). Objects of one chain are read one
/// after the other. Buffers take at most kMaxHashMemory.
/// `progress`, if any, counts the bytes read; others may read it meanwhile.
/// Returns the first error: Code::refused when the image shrank meanwhile; Code::no_input when it
/// cannot be read.
Status hash_objects(int fd, std::span<HashRequest> requests, std::span<HashChain> chains = {},
                    Workers* workers = nullptr, std::uint64_t* progress = nullptr);

inline constexpr std::size_t kMaxHashMemory = std::size_t{10} << 20U;

}  // namespace sifguard
