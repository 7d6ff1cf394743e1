// Examines an image's bytes: structure, groups, statements and digests, but no cryptography with
// keys. Runs in `sifguard-verifier`, a sandbox without keys, exec or the network.
#pragma once

#include "helper/verify/sandbox/workers.h"
#include "helper/verify/wire/report.h"

namespace sifguard {

/// Reads `fd` with pread only. Call prepare_digests() before. `workers` share the hashing; null:
/// the calling thread alone. `progress`, if any, counts the bytes hashed. Errors: Code::refused
/// when the image is malformed or exceeds a limit of report.h; Code::no_input when it cannot be
/// read.
[[nodiscard]] Result<VerifierReport> verify_image(int fd, Workers* workers = nullptr,
                                                  std::uint64_t* progress = nullptr);

}  // namespace sifguard
