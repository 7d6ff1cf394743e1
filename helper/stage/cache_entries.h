// The entries of the cache as they are on the disk, usable or not. Root; inside helper/stage.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/fd.h"

namespace sifguard {

struct EntryState {
  std::string name;
  std::uint64_t bytes = 0;  ///< of the disk that its image takes; 0 without an image
  std::int64_t used = 0;    ///< when it was last found, used_at()
  std::uint64_t uid = 0;    ///< who staged it; 0 also when that is not known
};

/// All entries of the directory, the one used longest ago first. Errors: Code::internal.
[[nodiscard]] Result<std::vector<EntryState>> entries_by_use(int entries);

/// When the entry of this directory was last found: nanoseconds of CLOCK_REALTIME.
[[nodiscard]] std::int64_t used_at(const struct stat& directory) noexcept;

/// An exclusive hold on an entry that nobody is about to mount; empty when somebody is.
[[nodiscard]] UniqueFd hold_unused(int entries, const std::string& name) noexcept;

/// A small file of an entry; empty when it is absent, unreadable or longer than `limit`.
[[nodiscard]] std::string small_file(int entry, const char* name, std::size_t limit);

}  // namespace sifguard
