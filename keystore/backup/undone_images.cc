// What a restore would undo about images: which are revoked, which were published. The owner of
// the keystore, in `sifctl`.
#include "keystore/backup/find_in.h"
#include "keystore/backup/undone.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/store/published_records.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {
namespace {

void compare_digests(const Keystore& now, const Backup& backup, Undone& undone) {
  const ArchiveFile* const file = backup.archive.find(kRevokedDigests);
  const Result<std::vector<RevokedDigest>> before =
      file == nullptr ? std::vector<RevokedDigest>()
                      : parse_revoked(as_text(file->content), kRevokedDigests);
  const auto revoked = revoked_digests(now);
  if (!revoked || !before) {
    undone.lines.emplace_back("the revoked images cannot be read, nor compared");
    return;
  }
  const auto without = [](const std::vector<RevokedDigest>& all, const RevokedDigest& digest) {
    return find_in(all, [&](const auto& one) { return one.digest == digest.digest; }) == nullptr;
  };
  for (const RevokedDigest& one : *revoked) {
    if (!without(*before, one)) continue;
    undone.kept.push_back("the image " + one.digest + ", now revoked, is not in the backup");
  }
  for (const RevokedDigest& one : *before) {
    if (!without(*revoked, one)) continue;
    undone.lines.push_back("the image " + one.digest +
                           ", let run again since, is revoked in the backup");
  }
}

std::string published(const PublishedRecord& one) {
  return "the published image '" + printable(one.name, 100) + "' (" + one.digest + ")";
}

/// Who revokes a key, a signer or an image learns from these what was made of theirs.
void compare_published(const Keystore& now, const Backup& backup, std::vector<std::string>& lines) {
  const ArchiveFile* const file = backup.archive.find(kPublishedRecords);
  const Result<std::vector<PublishedRecord>> before =
      file == nullptr ? std::vector<PublishedRecord>()
                      : parse_published(as_text(file->content), kPublishedRecords);
  const auto records = published_records(now);
  if (!records || !before) {
    lines.emplace_back("the records of published images cannot be read, nor compared");
    return;
  }
  const auto in = [](const std::vector<PublishedRecord>& all, const PublishedRecord& record) {
    return find_in(all, [&](const PublishedRecord& one) {
             return one.name == record.name && one.digest == record.digest;
           }) != nullptr;
  };
  for (const PublishedRecord& one : *records) {
    if (in(*before, one)) continue;
    lines.push_back(published(one) +
                    ", published since, is not in the backup: what it was made of is "
                    "forgotten");
  }
  for (const PublishedRecord& one : *before) {
    if (in(*records, one)) continue;
    lines.push_back(published(one) + ", unpublished since, is published in the backup");
  }
}

}  // namespace

void add_undone_images(Undone& undone, const Keystore& now, const Backup& backup) {
  compare_digests(now, backup, undone);
  compare_published(now, backup, undone.lines);
}

}  // namespace sifguard
