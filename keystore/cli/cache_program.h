// Starts sifguard-cache, which knows the cache of this node. Root, on a node.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// What the program answers to `words` (helper/cache/main.cc). `config`: the node's configuration.
/// Errors: Code::denied if the caller is not root; those of the program; Code::unavailable when it
/// is missing or fails.
[[nodiscard]] Result<nlohmann::ordered_json> ask_cache_program(
    const std::string& config, const std::vector<std::string>& words);

/// The entries of the cache: objects with name, digest, staged_as, key, release, bytes, uid, user,
/// hits, staged, used, in_use and prefetched; and max_bytes, max_bytes_per_user, free_on_disk.
/// `user` is null where the name service knows none. Errors: those of ask_cache_program().
[[nodiscard]] Result<nlohmann::ordered_json> read_node_cache(const std::string& config);

/// Those of `entries` whose image's digest begins with one of `digests`: at least 8 hexadecimal
/// digits each, with or without "sha256:". Errors: Code::usage; Code::absent for one that no entry
/// or images of several digests match.
[[nodiscard]] Result<nlohmann::ordered_json> entries_of(const nlohmann::ordered_json& entries,
                                                        const std::vector<std::string>& digests);

}  // namespace sifguard
