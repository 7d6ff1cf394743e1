// Backups made by an older sifguard. Pure.
#include "keystore/backup/older_backup.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/store/older_names.h"

namespace sifguard {

Status use_newer_names(Archive& archive) {
  std::vector<ArchiveFile>& files = archive.files;
  for (ArchiveFile& file : files) file.name = newer_path(file.name);
  archive.sort();
  const auto twice = std::adjacent_find(
      files.begin(), files.end(),
      [](const ArchiveFile& a, const ArchiveFile& b) { return a.name == b.name; });
  if (twice == files.end()) return {};
  return fail(Code::refused, "the backup has " + printable(twice->name) + " by two names");
}

}  // namespace sifguard
