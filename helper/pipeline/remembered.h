// What the node remembers of its sifguard.yaml (keystore/base/enforcement_record.h): read before a
// decision, written after the file was read. Root.
#pragma once

#include <string>

#include "keystore/base/enforcement_record.h"
#include "keystore/base/error.h"

namespace sifguard {

struct Remembered {
  enforcement_record::Memory memory = enforcement_record::Memory::none;
  enforcement_record::Record record;  ///< valid with Memory::good
  [[nodiscard]] bool insists() const noexcept {
    return enforcement_record::insists(memory, record);
  }
};

[[nodiscard]] Remembered recall(const std::string& directory);

/// The record after sifguard.yaml was read. A file that was not understood leaves the last good
/// reading as it is. A file that changed within the last seconds may change again without looking
/// different, so it will be read again.
[[nodiscard]] enforcement_record::Record after_reading(const Remembered& before,
                                                       const enforcement_record::Identity& file,
                                                       bool understood, bool enforces,
                                                       std::int64_t now_ns);

/// Writes `record`, unless `before` holds the same. If there is no room and it enforces, an empty
/// file is left in its place, which has the same meaning.
/// Errors: Code::temporary without room, Code::config where the directory is not root's alone.
Status remember(const std::string& directory, const Remembered& before,
                const enforcement_record::Record& record);

}  // namespace sifguard
