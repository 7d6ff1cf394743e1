// The cache as an admin sees it. Root makes these; they are for people, and no launch depends on
// them.
#pragma once

#include <cstdint>
#include <string>

#include "keystore/policy/release.h"

namespace sifguard {

struct EntryView {
  std::string name;                ///< of the entry: DIGEST-HASH (cache.h)
  std::string digest;              ///< of the image, 64 lower-case hexadecimal digits
  std::string staged_as;           ///< the name by which it was staged first; "" if not recorded
  std::string key_id;              ///< "" for an image that is not encrypted
  Release release = Release::pem;  ///< how an encrypted image is kept
  std::uint64_t bytes = 0;         ///< of the disk
  std::uint32_t staged_by = 0;     ///< uid
  std::uint64_t hits = 0;          ///< launches that found it
  std::int64_t staged_s = 0;       ///< seconds since 1970
  std::int64_t used_s = 0;         ///< the same, of the last launch
  bool in_use = false;             ///< a process has it mounted, or is about to
  bool prefetched = false;         ///< it was staged ahead of jobs, in this boot
};

/// What there is room for, in bytes.
struct CacheRoom {
  std::uint64_t most = 0;           ///< cache_max_bytes
  std::uint64_t most_per_user = 0;  ///< cache_max_bytes_per_user
  std::uint64_t free_on_disk = 0;
};

}  // namespace sifguard
